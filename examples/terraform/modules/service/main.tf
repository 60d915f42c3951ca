locals {
  tags = merge(var.tags, { Service = var.name })
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.architecture}"
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/fjord/${var.name}/app"
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Traffic of ${var.name}"
  vpc_id      = var.vpc_id

  dynamic "ingress" {
    for_each = var.ingress
    content {
      description = "port ${ingress.value.port}"
      protocol    = "tcp"
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      cidr_blocks = ingress.value.cidr_blocks
    }
  }

  egress {
    description = "HTTPS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = local.tags
}

resource "aws_launch_template" "this" {
  name_prefix            = "${var.name}-"
  image_id               = data.aws_ssm_parameter.ami.insecure_value
  instance_type          = var.instance_type
  vpc_security_group_ids = [aws_security_group.this.id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_tokens = "required"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = var.root_volume.size
      volume_type           = var.root_volume.type
      encrypted             = true
      delete_on_termination = true
    }
  }

  user_data = base64encode(<<-EOT
    #!/bin/bash
    set -euo pipefail
    cat > /etc/fjord/service.env <<CONF
    SERVICE=${var.name}
    LOG_GROUP=${aws_cloudwatch_log_group.app.name}
    CONF
    %{for rule in var.ingress~}
    echo "listen ${rule.port}" >> /etc/fjord/ports
    %{endfor~}
    systemctl enable --now fjord-service
  EOT
  )

  tag_specifications {
    resource_type = "volume"
    tags          = local.tags
  }
}
