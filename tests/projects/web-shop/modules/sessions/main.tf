locals {
  provisioned = var.capacity != null

  dimensions = local.provisioned ? {
    read  = { dimension = "dynamodb:table:ReadCapacityUnits", metric = "DynamoDBReadCapacityUtilization", range = var.capacity.read }
    write = { dimension = "dynamodb:table:WriteCapacityUnits", metric = "DynamoDBWriteCapacityUtilization", range = var.capacity.write }
  } : {}
}

resource "aws_dynamodb_table" "sessions" {
  name           = "${var.name}-sessions"
  billing_mode   = local.provisioned ? "PROVISIONED" : "PAY_PER_REQUEST"
  read_capacity  = try(var.capacity.read.min, null)
  write_capacity = try(var.capacity.write.min, null)
  hash_key       = "session_id"

  attribute {
    name = "session_id"
    type = "S"
  }

  attribute {
    name = "customer_id"
    type = "S"
  }

  global_secondary_index {
    name            = "by-customer"
    hash_key        = "customer_id"
    projection_type = "KEYS_ONLY"
    read_capacity   = local.provisioned ? 40 : null
    write_capacity  = local.provisioned ? 80 : null
  }

  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_appautoscaling_target" "sessions" {
  for_each = local.dimensions

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.sessions.name}"
  scalable_dimension = each.value.dimension
  min_capacity       = each.value.range.min
  max_capacity       = each.value.range.max
}

resource "aws_appautoscaling_policy" "sessions" {
  for_each = aws_appautoscaling_target.sessions

  name               = "${var.name}-sessions-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 70

    predefined_metric_specification {
      predefined_metric_type = local.dimensions[each.key].metric
    }
  }
}

resource "aws_dynamodb_table" "carts" {
  name           = "${var.name}-carts"
  billing_mode   = local.provisioned ? "PROVISIONED" : "PAY_PER_REQUEST"
  read_capacity  = local.provisioned ? 120 : null
  write_capacity = local.provisioned ? 60 : null
  hash_key       = "cart_id"

  attribute {
    name = "cart_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = local.provisioned
  }
}

# Carts are read on every page but seldom written, so writes stay as they are.
resource "aws_appautoscaling_target" "carts_read" {
  count = local.provisioned ? 1 : 0

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.carts.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 40
  max_capacity       = 400
}

resource "aws_appautoscaling_policy" "carts_read" {
  count = local.provisioned ? 1 : 0

  name               = "${var.name}-carts-read"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.carts_read[0].service_namespace
  resource_id        = aws_appautoscaling_target.carts_read[0].resource_id
  scalable_dimension = aws_appautoscaling_target.carts_read[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 65

    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}

# One item a country and payment provider.
resource "aws_dynamodb_table" "settings" {
  name           = "${var.name}-settings"
  read_capacity  = 2
  write_capacity = 1
  hash_key       = "key"

  attribute {
    name = "key"
    type = "S"
  }
}
