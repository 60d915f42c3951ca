data "aws_vpc" "main" {
  tags = { Name = "grid-data-${var.environment}" }
}

data "aws_subnets" "compute" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.main.id]
  }

  tags = { Name = "grid-data-${var.environment}-compute-*" }
}

locals {
  name = "grid-${var.environment}-warehouse"

  tags = {
    Environment = var.environment
    Team        = "analytics"
  }

  pauses = merge([
    for name, cluster in var.redshift : {
      for action in ["pause", "resume"] : "${name}-${action}" => {
        cluster  = name
        action   = action
        schedule = cluster.pause[action]
      } if cluster.pause != null
    }
  ]...)
}

resource "aws_redshift_subnet_group" "this" {
  name       = local.name
  subnet_ids = data.aws_subnets.compute.ids
}

resource "aws_iam_role" "scheduler" {
  name = "${local.name}-scheduler"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.redshift.amazonaws.com" }
    }]
  })
}

resource "aws_redshift_cluster" "this" {
  for_each = var.redshift

  cluster_identifier               = "${local.name}-${each.key}"
  database_name                    = "grid"
  node_type                        = each.value.node_type
  number_of_nodes                  = each.value.nodes
  cluster_type                     = each.value.nodes > 1 ? "multi-node" : "single-node"
  master_username                  = "grid_admin"
  manage_master_password           = true
  encrypted                        = true
  cluster_subnet_group_name        = aws_redshift_subnet_group.this.name
  manual_snapshot_retention_period = 90
  skip_final_snapshot              = true

  tags = each.value.tags
}

resource "aws_redshift_scheduled_action" "this" {
  for_each = local.pauses

  name     = "${local.name}-${each.key}"
  schedule = each.value.schedule
  iam_role = aws_iam_role.scheduler.arn

  target_action {
    dynamic "pause_cluster" {
      for_each = each.value.action == "pause" ? [1] : []
      content {
        cluster_identifier = aws_redshift_cluster.this[each.value.cluster].cluster_identifier
      }
    }

    dynamic "resume_cluster" {
      for_each = each.value.action == "resume" ? [1] : []
      content {
        cluster_identifier = aws_redshift_cluster.this[each.value.cluster].cluster_identifier
      }
    }
  }
}

resource "aws_redshiftserverless_namespace" "this" {
  for_each = var.workgroups

  namespace_name = "${local.name}-${each.key}"
}

resource "aws_redshiftserverless_workgroup" "this" {
  for_each = var.workgroups

  namespace_name = aws_redshiftserverless_namespace.this[each.key].namespace_name
  workgroup_name = "${local.name}-${each.key}"
  subnet_ids     = data.aws_subnets.compute.ids
  base_capacity  = each.value.base
  max_capacity   = each.value.max
}
