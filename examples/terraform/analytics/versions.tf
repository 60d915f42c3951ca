terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40, < 7.0"
    }
  }

  # terraform init -backend-config="key=analytics/<environment>.tfstate"
  backend "s3" {
    bucket         = "fjord-pay-terraform-state"
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
