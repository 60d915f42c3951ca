variable "runner_instance_type" {
  description = "Instance type of the CI runners."
  type        = string
  default     = "m6a.xlarge"
}

variable "runner_image_id" {
  description = "AMI of the CI runners; the image pipeline sets it."
  type        = string
}

resource "aws_cloudwatch_log_group" "runners" {
  name              = "/fjord/${local.name}/runners"
  retention_in_days = 14
}

resource "aws_launch_template" "runner" {
  name_prefix   = "${local.name}-runner-"
  image_id      = var.runner_image_id
  instance_type = var.runner_instance_type

  metadata_options {
    http_tokens = "required"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type = "gp2"
      volume_size = 80
      encrypted   = true
    }
  }
}

resource "aws_autoscaling_group" "runners" {
  name                = "${local.name}-runners"
  min_size            = 1
  max_size            = 8
  vpc_zone_identifier = module.vpc.private_subnets

  launch_template {
    id      = aws_launch_template.runner.id
    version = aws_launch_template.runner.latest_version
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

resource "aws_autoscaling_schedule" "runners" {
  for_each = { day = ["0 6 * * MON-FRI", 4], night = ["0 18 * * MON-FRI", 1] }

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_autoscaling_group.runners.name
  recurrence             = each.value[0]
  min_size               = 1
  max_size               = 8
  desired_capacity       = each.value[1]
}

# Layers and test reports; read back by the next pipeline.
resource "aws_s3_bucket" "build_cache" {
  bucket = "fjord-pay-build-cache"
}

resource "aws_s3_bucket_public_access_block" "build_cache" {
  bucket                  = aws_s3_bucket.build_cache.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
