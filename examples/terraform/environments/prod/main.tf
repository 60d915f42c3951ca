locals {
  environment = "prod"
  name        = "fjord-${local.environment}"

  tags = {
    Environment = local.environment
    Team        = "payments-platform"
    CostCenter  = "4100"
  }
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  region             = var.region
  cidr_block         = var.cidr_block
  availability_zones = var.availability_zones
  tags               = local.tags
}

module "service" {
  source   = "../../modules/service"
  for_each = var.services

  name       = "${local.name}-${each.key}"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
  ingress    = [{ port = each.value.port, cidr_blocks = [module.network.cidr_block] }]

  instance_type      = each.value.instance_type
  architecture       = each.value.architecture
  min_size           = each.value.min_size
  max_size           = each.value.max_size
  target_cpu         = each.value.target_cpu
  root_volume        = each.value.root_volume
  target_group_arns  = each.key == "gateway" ? [aws_lb_target_group.gateway.arn] : []
  log_retention_days = var.log_retention_days

  tags = local.tags
}

module "ledger" {
  source = "../../modules/ledger-store"

  name = "${local.name}-ledger"

  entries_capacity = {
    read  = { min = 100, max = 1200 }
    write = { min = 60, max = 800 }
  }

  tags = merge(local.tags, { Team = "ledger" })
}

output "entries_table_name" {
  description = "Name of the ledger's entries table, for the Kubernetes configuration."
  value       = module.ledger.entries_table_name
}

output "gateway_dns_name" {
  description = "Name the merchants' API is reached at."
  value       = aws_lb.gateway.dns_name
}
