environment = "staging"

redshift = {
  operations = { nodes = 2 }
}

domains = {
  meters = { instance_type = "r6g.4xlarge.search", nodes = 1, volume = { size = 100, type = "gp3" } }
}

documents = { class = "db.t4g.medium", instances = 2 }

airflow = { version = "16.4", class = "db.t4g.small" }
