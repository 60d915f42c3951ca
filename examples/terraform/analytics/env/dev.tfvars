environment = "dev"
subnet_id   = "subnet-0f9e8d7c6b5a40312"

loader_instance_type   = "t3a.large"
feature_store_capacity = { read = 5, write = 5 }
raw_event_days         = 14
log_retention_days     = 7
