data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.instance.architecture}"
}

locals {
  full_name = "${var.prefix}-${var.name}"
  types     = concat([var.instance.type], var.instance.alternatives)
  mixed     = length(var.instance.alternatives) > 0
}

resource "aws_security_group" "lb" {
  name        = "${local.full_name}-lb"
  description = "Load balancer of ${local.full_name}"
  vpc_id      = var.vpc_id

  ingress {
    description = "HTTPS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = var.internal ? [var.vpc_cidr_block] : ["0.0.0.0/0"]
  }

  egress {
    description = "Targets"
    protocol    = "tcp"
    from_port   = var.port
    to_port     = var.port
    cidr_blocks = [var.vpc_cidr_block]
  }
}

resource "aws_security_group" "instances" {
  name        = local.full_name
  description = "Instances of ${local.full_name}"
  vpc_id      = var.vpc_id

  ingress {
    description     = "Load balancer"
    protocol        = "tcp"
    from_port       = var.port
    to_port         = var.port
    security_groups = [aws_security_group.lb.id]
  }

  egress {
    description = "Anywhere"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "this" {
  name               = local.full_name
  internal           = var.internal
  load_balancer_type = "application"
  security_groups    = [aws_security_group.lb.id]
  subnets            = var.internal ? var.private_subnet_ids : var.public_subnet_ids
  idle_timeout       = 30

  dynamic "access_logs" {
    for_each = var.log_bucket == null ? [] : [var.log_bucket]
    content {
      enabled = true
      bucket  = access_logs.value
      prefix  = "lb/${var.name}"
    }
  }
}

resource "aws_lb_target_group" "this" {
  name                 = local.full_name
  vpc_id               = var.vpc_id
  protocol             = "HTTP"
  port                 = var.port
  deregistration_delay = 30

  health_check {
    path     = var.health_check_path
    interval = 10
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_iam_role" "this" {
  name = local.full_name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "this" {
  name = local.full_name
  role = aws_iam_role.this.name
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/kelpie/${local.full_name}/app"
  retention_in_days = var.log_retention_days
}

resource "aws_launch_template" "this" {
  name_prefix            = "${local.full_name}-"
  image_id               = data.aws_ssm_parameter.ami.insecure_value
  instance_type          = var.instance.type
  vpc_security_group_ids = [aws_security_group.instances.id]
  update_default_version = true

  iam_instance_profile {
    name = aws_iam_instance_profile.this.name
  }

  metadata_options {
    http_tokens = "required"
  }

  monitoring {
    enabled = var.detailed_monitoring
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = var.root_volume.size
      volume_type = var.root_volume.type
      encrypted   = true
    }
  }

  dynamic "block_device_mappings" {
    for_each = var.data_volume[*]
    content {
      device_name = "/dev/sdf"

      ebs {
        volume_size           = block_device_mappings.value.size
        volume_type           = block_device_mappings.value.type
        encrypted             = true
        delete_on_termination = block_device_mappings.value.delete_on_termination
      }
    }
  }

  user_data = base64encode(templatefile("${path.module}/user_data.sh.tftpl", {
    service   = var.name
    port      = var.port
    log_group = aws_cloudwatch_log_group.app.name
  }))

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])
    content {
      resource_type = tag_specifications.value
      tags          = { Name = local.full_name }
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name_prefix         = "${local.full_name}-"
  min_size            = var.size.min
  max_size            = var.size.max
  vpc_zone_identifier = var.private_subnet_ids
  target_group_arns   = [aws_lb_target_group.this.arn]
  health_check_type   = "ELB"

  dynamic "launch_template" {
    for_each = local.mixed ? [] : [aws_launch_template.this]
    content {
      id      = launch_template.value.id
      version = launch_template.value.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = local.mixed ? [aws_launch_template.this] : []
    content {
      launch_template {
        launch_template_specification {
          launch_template_id = mixed_instances_policy.value.id
          version            = mixed_instances_policy.value.latest_version
        }

        dynamic "override" {
          for_each = local.types
          content {
            instance_type = override.value
          }
        }
      }

      dynamic "instances_distribution" {
        for_each = var.instance.spot[*]
        content {
          on_demand_base_capacity                  = instances_distribution.value.on_demand_base
          on_demand_percentage_above_base_capacity = instances_distribution.value.on_demand_percentage
          spot_allocation_strategy                 = "price-capacity-optimized"
        }
      }
    }
  }

  instance_refresh {
    strategy = "Rolling"
  }

  tag {
    key                 = "Name"
    value               = local.full_name
    propagate_at_launch = true
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}
