variable "name" {
  description = "Prefix of every resource in the network, such as fjord-prod."
  type        = string
}

variable "region" {
  description = "Region of the VPC; the gateway endpoints are named after it."
  type        = string
}

variable "cidr_block" {
  description = "CIDR block of the VPC, at least a /20."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr_block, 0)) && tonumber(split("/", var.cidr_block)[1]) <= 20
    error_message = "cidr_block must be a valid CIDR block of /20 or larger."
  }
}

variable "availability_zones" {
  description = "Zones to spread the subnets over."
  type        = list(string)
}

variable "single_nat_gateway" {
  description = "One NAT gateway for the whole VPC instead of one a zone."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "How long VPC flow logs are kept."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags added to every resource."
  type        = map(string)
  default     = {}
}
