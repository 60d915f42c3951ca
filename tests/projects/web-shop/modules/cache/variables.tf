variable "name" {
  description = "Name of the cache, such as kelpie-prod."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the cache."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the cache."
  type        = list(string)
}

variable "client_cidr_blocks" {
  description = "Who may connect."
  type        = list(string)
}

variable "engine" {
  description = "redis or valkey."
  type        = string
  default     = "redis"
}

variable "engine_version" {
  description = "Version of the engine."
  type        = string
  default     = "7.1"
}

variable "node_type" {
  description = "Node type."
  type        = string
}

variable "nodes" {
  description = "Number of nodes, the primary included."
  type        = number
  default     = 2
}
