variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

variable "cidr_block" {
  description = "CIDR block of the VPC."
  type        = string
}

variable "availability_zones" {
  description = "Zones to run in."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2
    error_message = "Production runs in two zones at least."
  }
}

variable "services" {
  description = "Services on EC2, by name."
  type = map(object({
    instance_type = string
    architecture  = optional(string, "x86_64")
    port          = number
    min_size      = number
    max_size      = number
    target_cpu    = optional(number)
    root_volume   = optional(object({ size = optional(number, 30), type = optional(string, "gp3") }), {})
  }))
}

variable "log_retention_days" {
  description = "How long application logs are kept."
  type        = number
}

variable "reporting_volume_gib" {
  description = "Size of the reporting database's volumes, by mount."
  type        = map(number)
}
