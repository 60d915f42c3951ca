cidr_block         = "10.20.0.0/16"
availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]

log_retention_days = 90

services = {
  gateway = {
    instance_type = "m7g.xlarge"
    architecture  = "arm64"
    port          = 8443
    min_size      = 3
    max_size      = 12
    target_cpu    = 55
  }

  # Moved over from the old account in 2019; the batch windows are at 02:00 and 14:00 UTC.
  settlement = {
    instance_type = "m4.2xlarge"
    port          = 9090
    min_size      = 4
    max_size      = 10
    root_volume   = { size = 100, type = "gp2" }
  }

  webhooks = {
    instance_type = "m6a.large"
    port          = 8080
    min_size      = 2
    max_size      = 6
    target_cpu    = 60
  }
}

reporting_volume_gib = {
  data = 800
  wal  = 120
}
