# What an environment gets where it has no wishes of its own.
variable "environment" {
  description = "prod, staging or dev."
  type        = string
}

locals {
  sizes = {
    prod = {
      storefront = "m7g.large"
      cache      = { node_type = "cache.m5.large", nodes = 3 }
    }
    staging = {
      storefront = "m7g.medium"
      cache      = { node_type = "cache.r6g.large", nodes = 2 }
    }
    dev = {
      storefront = "t4g.medium"
      cache      = { node_type = "cache.t2.small", nodes = 1 }
    }
  }
}

output "storefront" {
  description = "Instance type of the storefront."
  value       = local.sizes[var.environment].storefront
}

output "cache" {
  description = "Nodes of the cache."
  value       = local.sizes[var.environment].cache
}
