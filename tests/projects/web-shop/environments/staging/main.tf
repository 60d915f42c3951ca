locals {
  environment = "staging"
  region      = "eu-central-1"
  name        = "kelpie-${local.environment}"

  services = {
    storefront = {
      port         = 3000
      type         = module.sizes.storefront
      architecture = "arm64"
      size         = { min = 2, max = 4 }
      root_volume  = {}
    }
    catalogue = {
      port         = 8080
      type         = "m5.large"
      architecture = "x86_64"
      size         = { min = 1, max = 2 }
      root_volume  = { size = 60, type = "gp2" }
    }
  }
}

data "aws_acm_certificate" "shop" {
  domain = "staging.kelpie.example"
}

module "sizes" {
  source = "../../modules/sizes"

  environment = local.environment
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  region             = local.region
  cidr_block         = "10.41.0.0/16"
  availability_zones = [for letter in ["a", "b", "c"] : "${local.region}${letter}"]
  gateway_endpoints  = []

  interface_endpoints = {
    services = ["secretsmanager", "logs", "ssm", "ecr.api", "ecr.dkr"]
  }

  flow_logs = {
    retention_days = 14
  }
}

module "web" {
  source   = "../../modules/web"
  for_each = local.services

  name                = each.key
  prefix              = local.name
  vpc_id              = module.network.vpc_id
  vpc_cidr_block      = module.network.cidr_block
  public_subnet_ids   = module.network.public_subnet_ids
  private_subnet_ids  = module.network.private_subnet_ids
  certificate_arn     = data.aws_acm_certificate.shop.arn
  internal            = each.key != "storefront"
  port                = each.value.port
  instance            = { type = each.value.type, architecture = each.value.architecture }
  size                = each.value.size
  target_cpu          = 70
  root_volume         = each.value.root_volume
  detailed_monitoring = false
  log_bucket          = module.assets.log_bucket
  log_retention_days  = 7
}

module "database" {
  source = "../../modules/database"

  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.data_subnet_ids
  client_cidr_blocks  = [module.network.cidr_block]
  deletion_protection = false

  orders = {
    serverless = { min = 4, max = 16 }
  }

  instances = {
    # Restored from production every Monday, so of the same kind.
    reporting = {
      engine         = "postgres"
      engine_version = "16.4"
      instance_class = "db.r6g.4xlarge"
      storage        = { size = 300 }
    }
    cms = {
      engine         = "mysql"
      engine_version = "8.4.3"
      instance_class = "db.t4g.medium"
      multi_az       = false
      storage        = { size = 30, type = "gp3" }
    }
  }
}

module "cache" {
  source = "../../modules/cache"

  name               = local.name
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.data_subnet_ids
  client_cidr_blocks = [module.network.cidr_block]
  engine             = "valkey"
  engine_version     = "8.0"
  node_type          = module.sizes.cache.node_type
  nodes              = module.sizes.cache.nodes
}

module "assets" {
  source = "../../modules/assets"

  name        = local.name
  upload_days = 14
  log_days    = 14
}

module "sessions" {
  source = "../../modules/sessions"

  name = local.name

  capacity = {
    read  = { min = 20, max = 100 }
    write = { min = 20, max = 100 }
  }
}
