terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = var.region
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "disk_type" {
  type = string
}

variable "admin_password" {
  type      = string
  sensitive = true
  default   = "not-a-real-one"
}

module "disk" {
  source   = "./modules/disk"
  for_each = { logs = 100, data = 400 }
  name     = each.key
  size     = each.value
  type     = var.disk_type
}

resource "aws_eip" "used" {
  domain = "vpc"
}

resource "aws_eip" "idle" {
  count  = 2
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.used.id
  subnet_id     = "subnet-0123456789abcdef0"
}

resource "aws_s3_bucket" "reports" {
  bucket = "reports-of-the-month"
}

resource "aws_s3_bucket_lifecycle_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    id     = "tier"
    status = "Enabled"
    filter {}
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name = "/app/${aws_s3_bucket.reports.bucket}"
}

resource "aws_instance" "app" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t2.medium"
  user_data     = "password=${var.admin_password}"
}
