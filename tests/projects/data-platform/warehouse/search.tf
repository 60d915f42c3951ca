resource "aws_security_group" "search" {
  name        = "${local.name}-search"
  description = "OpenSearch"
  vpc_id      = data.aws_vpc.main.id

  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [data.aws_vpc.main.cidr_block]
  }
}

resource "aws_opensearch_domain" "this" {
  for_each = var.domains

  domain_name    = "grid-${var.environment}-${each.key}"
  engine_version = each.value.version

  cluster_config {
    instance_type          = each.value.instance_type
    instance_count         = each.value.nodes
    zone_awareness_enabled = each.value.nodes > 1

    dynamic "zone_awareness_config" {
      for_each = each.value.nodes > 1 ? [min(each.value.nodes, 3)] : []
      content {
        availability_zone_count = zone_awareness_config.value
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_size = each.value.volume.size
    volume_type = each.value.volume.type
  }

  vpc_options {
    subnet_ids         = slice(data.aws_subnets.compute.ids, 0, min(each.value.nodes, 3))
    security_group_ids = [aws_security_group.search.id]
  }

  encrypt_at_rest {
    enabled = true
  }

  node_to_node_encryption {
    enabled = true
  }
}

resource "aws_elasticache_serverless_cache" "dashboards" {
  engine               = "redis"
  name                 = "${local.name}-dashboards"
  major_engine_version = "7"
  subnet_ids           = data.aws_subnets.compute.ids

  cache_usage_limits {
    data_storage {
      maximum = 10
      unit    = "GB"
    }

    ecpu_per_second {
      maximum = 5000
    }
  }
}
