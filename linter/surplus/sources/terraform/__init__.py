"""Terraform and OpenTofu configuration, evaluated as Terraform would."""
