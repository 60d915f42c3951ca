environment = "prod"

redshift = {
  operations = {
    node_type = "ra3.4xlarge"
    nodes     = 3
    tags      = { Availability = "24x7" }
  }

  # Month's end only; finance works from eight to six.
  finance = {
    nodes = 2
    pause = { pause = "cron(0 19 * * ? *)", resume = "cron(0 6 ? * MON-FRI *)" }
  }
}

workgroups = {
  analysts = {}
  ml       = { base = 8, max = 64 }
}

domains = {
  meters = { instance_type = "r6g.large.search", nodes = 3, volume = { size = 200, type = "gp3" } }
  audit  = { instance_type = "m4.large.search", nodes = 2, volume = { size = 500 }, version = "Elasticsearch_6.8" }
  grid   = { instance_type = "m5.large.search", nodes = 2, volume = { size = 100, type = "gp3" } }
}

documents = { class = "db.r5.large", instances = 3 }

airflow = { version = "12.17", class = "db.t4g.medium" }
