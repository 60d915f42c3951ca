data "terraform_remote_state" "network" {
  backend   = "s3"
  workspace = var.environment == "prod" ? "default" : var.environment

  config = {
    bucket = "ostrava-grid-tfstate"
    key    = "data-platform/network.tfstate"
    region = "us-east-1"
  }
}

locals {
  name       = "grid-batch"
  subnet_ids = data.terraform_remote_state.network.outputs.compute_subnet_ids

  tags = {
    Environment = var.environment
    Team        = "data-platform"
  }

  compute = {
    # Settlement runs must be done by six in the morning; the longest job takes 40 minutes.
    settlement = { type = "EC2", types = ["c6a", "m6a"], max = 256 }
    forecasts  = { type = "SPOT", types = ["c6a", "c7a", "m6a"], max = 512, min = 32 }
    adhoc      = { type = "SPOT", types = ["m6a", "m7a"], max = 128 }
    fallback   = { type = "EC2", types = ["m6a"], max = 64 }
  }

  queues = {
    settlement = { priority = 100, order = ["settlement"] }
    forecasts  = { priority = 50, order = ["forecasts"] }
    adhoc      = { priority = 10, order = ["adhoc", "fallback"] }
  }
}

variable "environment" {
  description = "Environment of everything here that does not say otherwise."
  type        = string
  default     = "prod"
}

data "aws_iam_policy_document" "assume" {
  for_each = toset(["batch", "ecs-tasks", "ec2", "elasticmapreduce"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "batch" {
  name               = "${local.name}-service"
  assume_role_policy = data.aws_iam_policy_document.assume["batch"].json
}

resource "aws_iam_role" "instance" {
  name               = "${local.name}-instance"
  assume_role_policy = data.aws_iam_policy_document.assume["ec2"].json
}

resource "aws_iam_instance_profile" "instance" {
  name = "${local.name}-instance"
  role = aws_iam_role.instance.name
}

resource "aws_security_group" "batch" {
  name        = local.name
  description = "Batch and EMR"
  vpc_id      = data.terraform_remote_state.network.outputs.vpc_id

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_launch_template" "batch" {
  name_prefix = "${local.name}-"

  dynamic "block_device_mappings" {
    for_each = { "/dev/xvda" = 40, "/dev/xvdcz" = 200 }
    content {
      device_name = block_device_mappings.key

      ebs {
        volume_size           = block_device_mappings.value
        volume_type           = "gp2"
        delete_on_termination = true
      }
    }
  }
}

resource "aws_batch_compute_environment" "this" {
  for_each = local.compute

  compute_environment_name_prefix = "${local.name}-${each.key}-"
  type                            = "MANAGED"
  service_role                    = aws_iam_role.batch.arn

  compute_resources {
    type                = each.value.type
    allocation_strategy = each.value.type == "SPOT" ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE"
    min_vcpus           = lookup(each.value, "min", 0)
    max_vcpus           = each.value.max
    instance_type       = each.value.types
    instance_role       = aws_iam_instance_profile.instance.arn
    subnets             = local.subnet_ids
    security_group_ids  = [aws_security_group.batch.id]

    launch_template {
      launch_template_id = aws_launch_template.batch.id
      version            = "$Latest"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_batch_compute_environment" "reports" {
  compute_environment_name_prefix = "${local.name}-reports-"
  type                            = "MANAGED"

  compute_resources {
    type               = "FARGATE_SPOT"
    max_vcpus          = 16
    subnets            = local.subnet_ids
    security_group_ids = [aws_security_group.batch.id]
  }
}

resource "aws_batch_job_queue" "this" {
  for_each = local.queues

  name     = "${local.name}-${each.key}"
  state    = "ENABLED"
  priority = each.value.priority

  dynamic "compute_environment_order" {
    for_each = each.value.order
    content {
      order               = compute_environment_order.key
      compute_environment = aws_batch_compute_environment.this[compute_environment_order.value].arn
    }
  }
}

resource "aws_batch_job_queue" "reports" {
  name     = "${local.name}-reports"
  state    = "ENABLED"
  priority = 5

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.reports.arn
  }
}

resource "aws_batch_job_definition" "forecast" {
  name                  = "${local.name}-forecast"
  type                  = "container"
  platform_capabilities = ["EC2"]

  container_properties = jsonencode({
    image   = "111122223333.dkr.ecr.us-east-1.amazonaws.com/forecast:2024-11"
    command = ["forecast", "--horizon", "48h"]
    resourceRequirements = [
      { type = "VCPU", value = "8" },
      { type = "MEMORY", value = "30720" },
    ]
  })

  retry_strategy {
    attempts = 5
  }

  timeout {
    attempt_duration_seconds = 7200
  }
}
