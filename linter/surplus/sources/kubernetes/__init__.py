"""Kubernetes manifests: text to resources, and how they relate."""
