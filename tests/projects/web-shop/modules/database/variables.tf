variable "name" {
  description = "Prefix of the names, such as kelpie-prod."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the databases."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the databases."
  type        = list(string)
}

variable "client_cidr_blocks" {
  description = "Who may connect."
  type        = list(string)
}

variable "orders" {
  description = "The Aurora cluster of orders: instances of a class, or serverless capacity."
  type = object({
    engine_version = optional(string, "16.6")
    instances      = optional(number, 2)
    instance_class = optional(string, "db.r7g.large")
    io_optimized   = optional(bool, false)
    serverless = optional(object({
      min         = number
      max         = number
      pause_after = optional(number)
    }))
  })
}

variable "instances" {
  description = "Other databases, by name."
  type = map(object({
    engine         = string
    engine_version = string
    instance_class = string
    multi_az       = optional(bool, true)
    storage = object({
      size = number
      max  = optional(number)
      type = optional(string)
      iops = optional(number)
    })
  }))
  default = {}
}

variable "proxy" {
  description = "An RDS proxy before the orders cluster."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "How long automated backups are kept."
  type        = number
  default     = 7
}

variable "lifecycle_support" {
  description = "What happens when a version's standard support ends."
  type        = string
  default     = "open-source-rds-extended-support-disabled"
}

variable "deletion_protection" {
  description = "Refuse to delete the databases."
  type        = bool
  default     = true
}

output "instance_identifiers" {
  description = "Identifiers of the instances outside of the cluster, by name."
  value       = { for name, instance in aws_db_instance.this : name => instance.identifier }
}

output "orders_endpoint" {
  description = "Where orders connects to."
  value       = try(aws_db_proxy.orders[0].endpoint, aws_rds_cluster.orders.endpoint)
}
