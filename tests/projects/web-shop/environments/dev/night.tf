# Databases sleep at night; whoever works late starts them by hand.
locals {
  actions = {
    stop  = { api = "stopDBInstance", at = "cron(0 20 ? * MON-FRI *)" }
    start = { api = "startDBInstance", at = "cron(30 6 ? * MON-FRI *)" }
  }
}

resource "aws_iam_role" "night" {
  name = "${local.name}-night"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "night" {
  name = "start-and-stop"
  role = aws_iam_role.night.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["rds:StartDBInstance", "rds:StopDBInstance"]
      Resource = "*"
    }]
  })
}

resource "aws_scheduler_schedule" "night" {
  for_each = local.actions

  name                         = "${local.name}-${each.key}-cms"
  schedule_expression          = each.value.at
  schedule_expression_timezone = "Europe/Berlin"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:rds:${each.value.api}"
    role_arn = aws_iam_role.night.arn
    input    = jsonencode({ DbInstanceIdentifier = module.database.instance_identifiers["cms"] })
  }
}
