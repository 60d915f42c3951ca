locals {
  environment = "dev"
  region      = "eu-west-1"
  name        = "kelpie-${local.environment}"
}

data "aws_acm_certificate" "shop" {
  domain = "dev.kelpie.example"
}

module "sizes" {
  source = "../../modules/sizes"

  environment = local.environment
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  region             = local.region
  cidr_block         = "10.42.0.0/16"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
  nat                = "single"
  gateway_endpoints  = ["dynamodb"]

  interface_endpoints = {
    services = ["secretsmanager", "ssm"]
    zones    = 1
  }
}

# The policy differs from the other environments': packages are only read from here.
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = module.network.vpc_id
  service_name = "com.amazonaws.${local.region}.s3"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
      Resource  = "*"
    }]
  })
}

resource "aws_vpc_endpoint_route_table_association" "s3" {
  for_each = module.network.private_route_table_ids

  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = each.value
}

module "web" {
  source = "../../modules/web"

  name                = "storefront"
  prefix              = local.name
  vpc_id              = module.network.vpc_id
  vpc_cidr_block      = module.network.cidr_block
  public_subnet_ids   = module.network.public_subnet_ids
  private_subnet_ids  = module.network.private_subnet_ids
  certificate_arn     = data.aws_acm_certificate.shop.arn
  internal            = false
  port                = 3000
  instance            = { type = module.sizes.storefront, architecture = "arm64" }
  size                = { min = 1, max = 2 }
  office_hours_only   = true
  detailed_monitoring = false
  log_retention_days  = 3
}

module "database" {
  source = "../../modules/database"

  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.data_subnet_ids
  client_cidr_blocks  = [module.network.cidr_block]
  backup_days         = 1
  deletion_protection = false
  lifecycle_support   = null

  orders = {
    instances  = 1
    serverless = { min = 0, max = 4, pause_after = 600 }
  }

  instances = {
    cms = {
      engine         = "mysql"
      engine_version = "5.7.44"
      instance_class = "db.t2.medium"
      multi_az       = false
      storage        = { size = 20, type = "gp3" }
    }
  }
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

  name        = local.name
  upload_days = 7
  log_days    = 7
}

module "sessions" {
  source = "../../modules/sessions"

  name = local.name
}
