cidr_block         = "10.30.0.0/18"
availability_zones = ["us-east-1a", "us-east-1b"]

# Sized for the load test before the Black Friday release.
settlement_instance_type = "m5.8xlarge"

office_cidr_blocks = ["198.51.100.0/28"]
