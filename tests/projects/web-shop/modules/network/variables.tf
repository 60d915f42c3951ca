variable "name" {
  description = "Prefix of everything in the network, such as kelpie-prod."
  type        = string
}

variable "region" {
  description = "Region of the VPC."
  type        = string
}

variable "cidr_block" {
  description = "CIDR block of the VPC, a /16."
  type        = string
}

variable "availability_zones" {
  description = "Zones of the subnets, four at most."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) <= 4
    error_message = "The address plan has room for four zones."
  }
}

variable "nat" {
  description = "NAT gateways: per_zone, single or none."
  type        = string
  default     = "per_zone"

  validation {
    condition     = contains(["per_zone", "single", "none"], var.nat)
    error_message = "nat must be per_zone, single or none."
  }
}

variable "gateway_endpoints" {
  description = "Services with a gateway endpoint."
  type        = set(string)
  default     = ["s3"]
}

variable "interface_endpoints" {
  description = "Services with an interface endpoint, and in how many zones (all, when unset)."
  type = object({
    services = optional(set(string), [])
    zones    = optional(number)
  })
  default = {}
}

variable "flow_logs" {
  description = "VPC flow logs, to CloudWatch or to a bucket (s3); null for none."
  type = object({
    destination    = optional(string, "cloud-watch-logs")
    bucket_arn     = optional(string)
    traffic_type   = optional(string, "ALL")
    retention_days = optional(number, 30)
  })
  default = null
}
