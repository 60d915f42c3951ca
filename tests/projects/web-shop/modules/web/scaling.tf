resource "aws_autoscaling_policy" "cpu" {
  count = var.target_cpu == null ? 0 : 1

  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.target_cpu

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

# Before target tracking; the services move over one by one.
resource "aws_autoscaling_policy" "step" {
  for_each = var.steps

  name                    = each.key
  autoscaling_group_name  = aws_autoscaling_group.this.name
  policy_type             = "StepScaling"
  adjustment_type         = "ChangeInCapacity"
  metric_aggregation_type = "Average"

  step_adjustment {
    scaling_adjustment          = each.value.instances
    metric_interval_lower_bound = each.value.instances > 0 ? 0 : null
    metric_interval_upper_bound = each.value.instances > 0 ? null : 0
  }
}

resource "aws_cloudwatch_metric_alarm" "step" {
  for_each = var.steps

  alarm_name          = "${local.full_name}-${each.key}"
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = each.value.instances > 0 ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.cpu
  alarm_actions       = [aws_autoscaling_policy.step[each.key].arn]

  dimensions = {
    AutoScalingGroupName = aws_autoscaling_group.this.name
  }
}

resource "aws_autoscaling_schedule" "office_hours" {
  for_each = var.office_hours_only ? {
    start = { recurrence = "0 7 * * MON-FRI", min = var.size.min, max = var.size.max }
    stop  = { recurrence = "0 19 * * MON-FRI", min = 0, max = 0 }
  } : {}

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = each.value.recurrence
  time_zone              = "Europe/Berlin"
  min_size               = each.value.min
  max_size               = each.value.max
  desired_capacity       = each.value.min
}
