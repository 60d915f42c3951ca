terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }

  backend "s3" {
    bucket         = "ostrava-grid-tfstate"
    key            = "data-platform/streaming.tfstate"
    region         = "us-east-1"
    dynamodb_table = "ostrava-grid-tflocks"
    encrypt        = true
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { Team = "metering" }
  }
}
