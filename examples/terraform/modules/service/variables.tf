variable "name" {
  description = "Name of the service, such as fjord-prod-gateway."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the service."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets the instances run in."
  type        = list(string)
}

variable "ingress" {
  description = "Ports that are open, and to which CIDR blocks."
  type        = list(object({ port = number, cidr_blocks = list(string) }))
  default     = []
}

variable "instance_type" {
  description = "EC2 instance type."
  type        = string
}

variable "architecture" {
  description = "CPU architecture of the AMI."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "min_size" {
  description = "Fewest instances."
  type        = number
}

variable "max_size" {
  description = "Most instances."
  type        = number
}

variable "target_cpu" {
  description = "Average CPU in percent that the group is scaled to; null leaves the group as it is."
  type        = number
  default     = null
}

variable "office_hours_only" {
  description = "Scale to zero outside office hours."
  type        = bool
  default     = false
}

variable "root_volume" {
  description = "Root volume of the instances."
  type        = object({ size = optional(number, 30), type = optional(string, "gp3") })
  default     = {}
}

variable "target_group_arns" {
  description = "Load balancer target groups the instances join."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "How long the application's logs are kept; 0 keeps them."
  type        = number
  default     = 0
}

variable "tags" {
  description = "Tags added to every resource."
  type        = map(string)
  default     = {}
}
