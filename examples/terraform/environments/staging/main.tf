locals {
  environment = "staging"
  name        = "fjord-${local.environment}"

  tags = {
    Environment = local.environment
    Team        = "payments-platform"
    CostCenter  = "4190"
  }
}

module "network" {
  source = "../../modules/network"

  name                    = local.name
  region                  = var.region
  cidr_block              = var.cidr_block
  availability_zones      = var.availability_zones
  single_nat_gateway      = true
  flow_log_retention_days = 7
  tags                    = local.tags
}

module "gateway" {
  source = "../../modules/service"

  name              = "${local.name}-gateway"
  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.private_subnet_ids
  ingress           = [{ port = 8443, cidr_blocks = [module.network.cidr_block] }]
  instance_type     = var.gateway_instance_type
  min_size          = 1
  max_size          = 2
  target_cpu        = 70
  office_hours_only = true

  log_retention_days = 14
  tags               = local.tags
}

module "settlement" {
  source = "../../modules/service"

  name          = "${local.name}-settlement"
  vpc_id        = module.network.vpc_id
  subnet_ids    = module.network.private_subnet_ids
  ingress       = [{ port = 9090, cidr_blocks = [module.network.cidr_block] }]
  instance_type = var.settlement_instance_type
  min_size      = 1
  max_size      = 1

  tags = local.tags
}

module "ledger" {
  source = "../../modules/ledger-store"

  name                     = "${local.name}-ledger"
  statement_retention_days = 30
  tags                     = merge(local.tags, { Team = "ledger" })
}
