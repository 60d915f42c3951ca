resource "aws_kms_key" "ledger" {
  description             = "Ledger data of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

resource "aws_dynamodb_table" "entries" {
  name         = "${var.name}-entries"
  billing_mode = var.entries_capacity == null ? "PAY_PER_REQUEST" : "PROVISIONED"
  hash_key     = "account_id"
  range_key    = "entry_id"

  read_capacity  = try(var.entries_capacity.read.min, null)
  write_capacity = try(var.entries_capacity.write.min, null)

  deletion_protection_enabled = true

  attribute {
    name = "account_id"
    type = "S"
  }

  attribute {
    name = "entry_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.ledger.arn
  }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }

  tags = var.tags
}

resource "aws_appautoscaling_target" "entries" {
  for_each = var.entries_capacity == null ? {} : {
    Read  = var.entries_capacity.read
    Write = var.entries_capacity.write
  }

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.entries.name}"
  scalable_dimension = "dynamodb:table:${each.key}CapacityUnits"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "entries" {
  for_each = aws_appautoscaling_target.entries

  name               = "DynamoDB${each.key}CapacityUtilization:${each.value.resource_id}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 70

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${each.key}CapacityUtilization"
    }
  }
}
