variable "environment" {
  description = "Environment: dev or prod. Use with -var-file=env/<environment>.tfvars."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment must be dev or prod."
  }
}

variable "subnet_id" {
  description = "Private subnet the loader runs in."
  type        = string
}

variable "loader_instance_type" {
  description = "Instance type of the warehouse loader."
  type        = string
}

variable "feature_store_capacity" {
  description = "Read and write capacity units of the feature store."
  type        = object({ read = number, write = number })
}

variable "raw_event_days" {
  description = "How long raw payment events are kept."
  type        = number
}

variable "log_retention_days" {
  description = "How long the loader's logs are kept."
  type        = number
  default     = 30
}
