"""Kubernetes objects that Terraform declares, read as the kinds that manifests are."""
