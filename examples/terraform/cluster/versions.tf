terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40, < 7.0"
    }
  }

  backend "s3" {
    bucket         = "fjord-pay-terraform-state"
    key            = "cluster/terraform.tfstate"
    region         = "us-east-1"
    dynamodb_table = "fjord-pay-terraform-locks"
    encrypt        = true
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]

  default_tags {
    tags = {
      Company     = "fjord-pay"
      ManagedBy   = "terraform"
      Environment = "prod"
      Team        = "platform"
    }
  }
}
