locals {
  name             = "fjord-${var.environment}-analytics"
  root_volume_type = "gp2"

  tags = {
    Environment = var.environment
    Team        = "data"
    CostCenter  = "5200"
  }
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_cloudwatch_log_group" "loader" {
  name              = "/fjord/${local.name}/loader"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "queries" {
  name = "/fjord/${local.name}/queries"
}

resource "aws_instance" "loader" {
  ami           = data.aws_ssm_parameter.ami.insecure_value
  instance_type = var.loader_instance_type
  subnet_id     = var.subnet_id

  user_data = templatefile("${path.module}/templates/loader.sh.tftpl", {
    environment = var.environment
    raw_bucket  = aws_s3_bucket.raw_events.bucket
    log_group   = aws_cloudwatch_log_group.loader.name
    tables      = ["payments", "refunds", "chargebacks"]
  })

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    volume_type = local.root_volume_type
    volume_size = 200
    encrypted   = true
    tags        = local.tags
  }

  tags = { Name = "${local.name}-loader" }
}

# Merchant features for the risk models; written hourly, read by every authorisation.
resource "aws_dynamodb_table" "features" {
  name           = "${local.name}-features"
  billing_mode   = "PROVISIONED"
  read_capacity  = var.feature_store_capacity.read
  write_capacity = var.feature_store_capacity.write
  hash_key       = "merchant_id"

  attribute {
    name = "merchant_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.environment == "prod"
  }

  server_side_encryption {
    enabled = true
  }
}
