# Consumers of the streams.
locals {
  consumers = {
    decode   = { type = "c6a.large", min = 2, max = 12 }
    validate = { type = "m6a.large", min = 2, max = 8 }
    store    = { type = "r6a.large", min = 3, max = 9 }
    publish  = { type = "m6a.large", min = 1, max = 4 }
  }
}

resource "aws_launch_template" "consumer" {
  for_each = local.consumers

  name_prefix   = "${local.name}-${each.key}-"
  image_id      = data.aws_ssm_parameter.ami.insecure_value
  instance_type = each.value.type

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 20
      volume_type = "gp3"
    }
  }

  # State of the store is attached again by the hook below.
  dynamic "block_device_mappings" {
    for_each = each.key == "store" ? [300] : []
    content {
      device_name = "/dev/sdf"

      ebs {
        volume_size           = block_device_mappings.value
        volume_type           = "gp3"
        delete_on_termination = false
      }
    }
  }
}

resource "aws_autoscaling_group" "consumer" {
  for_each = local.consumers

  name                = "${local.name}-${each.key}"
  min_size            = each.value.min
  max_size            = each.value.max
  vpc_zone_identifier = data.aws_subnets.compute.ids

  launch_template {
    id      = aws_launch_template.consumer[each.key].id
    version = "$Latest"
  }

  dynamic "tag" {
    for_each = merge(
      local.tags,
      each.key == "publish" ? { "k8s.io/cluster-autoscaler/enabled" = "true" } : {},
    )
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

resource "aws_autoscaling_lifecycle_hook" "store" {
  name                   = "attach-state"
  autoscaling_group_name = aws_autoscaling_group.consumer["store"].name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
  heartbeat_timeout      = 300
  default_result         = "ABANDON"
}

resource "aws_autoscaling_policy" "lag" {
  for_each = toset(["decode", "store"])

  name                   = "lag"
  autoscaling_group_name = "${local.name}-${each.key}"
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value     = 60
    disable_scale_in = each.key == "decode"

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_ecs_capacity_provider" "validate" {
  name = "${local.name}-validate"

  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.consumer["validate"].arn

    managed_scaling {
      status          = "ENABLED"
      target_capacity = 90
    }
  }
}

# Backfills: stopped and started by whoever needs them.
resource "aws_iam_role" "spot_fleet" {
  name = "${local.name}-spot-fleet"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "spotfleet.amazonaws.com" }
    }]
  })
}

resource "aws_spot_fleet_request" "backfill" {
  iam_fleet_role                      = aws_iam_role.spot_fleet.arn
  target_capacity                     = 8
  allocation_strategy                 = "priceCapacityOptimized"
  terminate_instances_with_expiration = true

  dynamic "launch_specification" {
    for_each = ["c4.2xlarge", "c6a.2xlarge"]
    content {
      ami           = data.aws_ssm_parameter.ami.insecure_value
      instance_type = launch_specification.value
      subnet_id     = data.aws_subnets.compute.ids[2]

      root_block_device {
        volume_size = 30
        volume_type = "gp3"
      }
    }
  }

  tags = local.tags
}
