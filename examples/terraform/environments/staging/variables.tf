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
}

variable "gateway_instance_type" {
  description = "Instance type of the gateway."
  type        = string
  default     = "t3a.medium"
}

variable "settlement_instance_type" {
  description = "Instance type of the settlement engine."
  type        = string
}

variable "bastion_instance_type" {
  description = "Instance type of the bastion host."
  type        = string
  default     = "t2.medium"
}

variable "office_cidr_blocks" {
  description = "Where SSH to the bastion is allowed from."
  type        = list(string)
  default     = []
}
