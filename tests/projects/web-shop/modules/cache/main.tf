locals {
  families = { redis = "redis7", valkey = "valkey8" }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Cache of ${var.name}"
  vpc_id      = var.vpc_id

  ingress {
    description = "RESP"
    protocol    = "tcp"
    from_port   = 6379
    to_port     = 6379
    cidr_blocks = var.client_cidr_blocks
  }
}

resource "aws_elasticache_parameter_group" "this" {
  name   = "${var.name}-${var.engine}"
  family = local.families[var.engine]

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "Pages, prices and rate limits of ${var.name}"
  engine                     = var.engine
  engine_version             = var.engine_version
  node_type                  = var.node_type
  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  snapshot_retention_limit   = 1
}
