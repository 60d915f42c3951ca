terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }

  backend "s3" {
    bucket         = "fjord-pay-terraform-state"
    key            = "tooling/terraform.tfstate"
    region         = "us-east-1"
    dynamodb_table = "fjord-pay-terraform-locks"
    encrypt        = true
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = local.tags
  }
}

locals {
  name = "fjord-tooling"

  tags = {
    Environment = "tooling"
    Team        = "developer-experience"
    CostCenter  = "4300"
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.16"

  name            = local.name
  cidr            = "10.40.0.0/20"
  azs             = ["us-east-1a", "us-east-1b"]
  public_subnets  = ["10.40.0.0/24", "10.40.1.0/24"]
  private_subnets = ["10.40.8.0/23", "10.40.10.0/23"]

  enable_nat_gateway = true
  single_nat_gateway = true
}
