locals {
  environment = "prod"
  region      = "eu-central-1"
  name        = "kelpie-${local.environment}"
}

data "aws_acm_certificate" "shop" {
  domain      = var.domain
  statuses    = ["ISSUED"]
  most_recent = true
}

module "sizes" {
  source = "../../modules/sizes"

  environment = local.environment
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  region             = local.region
  cidr_block         = "10.40.0.0/16"
  availability_zones = [for letter in ["a", "b", "c"] : "${local.region}${letter}"]

  interface_endpoints = {
    services = ["secretsmanager", "logs", "ssm"]
  }

  flow_logs = {
    destination = "s3"
    bucket_arn  = aws_s3_bucket.flow_logs.arn
  }
}

module "web" {
  source   = "../../modules/web"
  for_each = var.services

  name               = each.key
  prefix             = local.name
  vpc_id             = module.network.vpc_id
  vpc_cidr_block     = module.network.cidr_block
  public_subnet_ids  = module.network.public_subnet_ids
  private_subnet_ids = module.network.private_subnet_ids
  certificate_arn    = data.aws_acm_certificate.shop.arn
  log_bucket         = module.assets.log_bucket

  internal    = each.value.internal
  port        = each.value.port
  instance    = each.value.instance
  size        = each.value.size
  target_cpu  = each.value.target_cpu
  steps       = each.value.steps
  data_volume = each.value.data_volume
}

module "database" {
  source = "../../modules/database"

  name               = local.name
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.data_subnet_ids
  client_cidr_blocks = [module.network.cidr_block]
  backup_days        = 21

  orders    = var.orders
  instances = var.databases
}

module "cache" {
  source = "../../modules/cache"

  name               = local.name
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.data_subnet_ids
  client_cidr_blocks = [module.network.cidr_block]
  node_type          = module.sizes.cache.node_type
  nodes              = module.sizes.cache.nodes
}

module "assets" {
  source = "../../modules/assets"

  name                = local.name
  keep_image_versions = true
}

module "sessions" {
  source = "../../modules/sessions"

  name     = local.name
  capacity = var.session_capacity
}

output "storefront" {
  description = "Load balancer of the storefront, for the DNS account."
  value       = module.web["storefront"].load_balancer
}
