variable "name" {
  description = "Name of the service."
  type        = string
}

variable "prefix" {
  description = "Prefix of the names, such as kelpie-prod."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the service."
  type        = string
}

variable "vpc_cidr_block" {
  description = "CIDR block of the VPC."
  type        = string
}

variable "public_subnet_ids" {
  description = "Subnets of a public load balancer."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Subnets of the instances and of an internal load balancer."
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate of the load balancer."
  type        = string
}

variable "internal" {
  description = "Only reachable from within the VPC."
  type        = bool
  default     = true
}

variable "port" {
  description = "Port that the service listens on."
  type        = number
}

variable "health_check_path" {
  description = "Path of the health check."
  type        = string
  default     = "/healthz"
}

variable "instance" {
  description = "Instance type, others that do as well, and how much of the group may be Spot."
  type = object({
    type         = string
    architecture = optional(string, "x86_64")
    alternatives = optional(list(string), [])
    spot = optional(object({
      on_demand_base       = number
      on_demand_percentage = number
    }))
  })
}

variable "size" {
  description = "Fewest and most instances."
  type        = object({ min = number, max = number })

  validation {
    condition     = var.size.min <= var.size.max
    error_message = "size.min may not be above size.max."
  }
}

variable "target_cpu" {
  description = "Average CPU in percent that the group is scaled to."
  type        = number
  default     = null
}

variable "steps" {
  description = "Step scaling: how many instances to add (or remove) when CPU passes a percentage."
  type        = map(object({ instances = number, cpu = number }))
  default     = {}
}

variable "office_hours_only" {
  description = "No instances at night and at weekends."
  type        = bool
  default     = false
}

variable "detailed_monitoring" {
  description = "EC2 metrics every minute."
  type        = bool
  default     = true
}

variable "root_volume" {
  description = "Root volume of the instances."
  type        = object({ size = optional(number, 20), type = optional(string, "gp3") })
  default     = {}
}

variable "data_volume" {
  description = "A second volume for local data, such as an index that is rebuilt at boot."
  type = object({
    size                  = number
    type                  = optional(string, "gp3")
    delete_on_termination = optional(bool, false)
  })
  default = null
}

variable "log_bucket" {
  description = "Bucket of the load balancer's access logs."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long the application's logs are kept."
  type        = number
  default     = 30
}

output "load_balancer" {
  description = "DNS name and hosted zone of the load balancer."
  value       = { dns_name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
}

output "security_group_id" {
  description = "Security group of the instances."
  value       = aws_security_group.instances.id
}
