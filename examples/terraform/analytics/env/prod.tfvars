environment = "prod"
subnet_id   = "subnet-0a1b2c3d4e5f60718"

loader_instance_type   = "c4.4xlarge"
feature_store_capacity = { read = 400, write = 150 }
raw_event_days         = 730
