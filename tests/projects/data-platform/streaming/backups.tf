data "aws_iam_role" "dlm" {
  name = "AWSDataLifecycleManagerDefaultRole"
}

locals {
  snapshots = {
    daily  = { interval = 24, keep = 14 }
    hourly = { interval = 1, keep = 1000 }
  }
}

resource "aws_dlm_lifecycle_policy" "brokers" {
  for_each = local.snapshots

  description        = "Brokers ${each.key}"
  execution_role_arn = data.aws_iam_role.dlm.arn
  state              = "ENABLED"

  policy_details {
    resource_types = ["INSTANCE"]
    target_tags    = { Backup = each.key }

    schedule {
      name      = each.key
      copy_tags = true

      create_rule {
        interval      = each.value.interval
        interval_unit = "HOURS"
      }

      retain_rule {
        count = each.value.keep
      }
    }
  }

  tags = local.tags
}

resource "aws_dlm_lifecycle_policy" "images" {
  description        = "Volumes that new collectors start from"
  execution_role_arn = data.aws_iam_role.dlm.arn

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Golden = "yes" }

    schedule {
      name = "weekly"

      create_rule {
        cron_expression = "cron(0 3 ? * SUN *)"
      }

      retain_rule {
        count = 4
      }

      fast_restore_rule {
        availability_zones = ["us-east-1a", "us-east-1b"]
        count              = 2
      }

      cross_region_copy_rule {
        target    = "us-west-2"
        encrypted = false
        copy_tags = true
      }
    }
  }

  tags = local.tags
}

# State of the brokers before the upgrade.
resource "aws_ebs_snapshot" "before_upgrade" {
  for_each = aws_ebs_volume.broker

  volume_id   = each.value.id
  description = "broker ${each.key} before 3.4"

  tags = local.tags
}

resource "aws_ebs_fast_snapshot_restore" "before_upgrade" {
  availability_zone = "us-east-1a"
  snapshot_id       = aws_ebs_snapshot.before_upgrade["0"].id
}

resource "aws_backup_vault" "this" {
  for_each = toset(["working", "compliance"])

  name = "${local.name}-${each.key}"
  tags = local.tags
}

resource "aws_backup_vault_lock_configuration" "compliance" {
  backup_vault_name   = aws_backup_vault.this["compliance"].name
  changeable_for_days = 3
  min_retention_days  = 3650
}

resource "aws_backup_plan" "streaming" {
  name = local.name

  dynamic "rule" {
    for_each = {
      daily   = { schedule = "cron(0 2 * * ? *)", keep = 35 }
      monthly = { schedule = "cron(0 3 1 * ? *)", keep = 400, cold = 30 }
      yearly  = { schedule = "cron(0 4 1 1 ? *)" }
    }
    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.this["working"].name
      schedule          = rule.value.schedule

      dynamic "lifecycle" {
        for_each = can(rule.value.keep) ? [rule.value] : []
        content {
          cold_storage_after = try(lifecycle.value.cold, null)
          delete_after       = lifecycle.value.keep
        }
      }
    }
  }

  tags = local.tags
}

# Calibration records, which the law wants for as long as a meter is in use.
resource "aws_backup_plan" "compliance" {
  name = "${local.name}-calibration"

  rule {
    rule_name         = "yearly"
    target_vault_name = aws_backup_vault.this["compliance"].name
    schedule          = "cron(0 5 1 2 ? *)"
  }

  tags = merge(local.tags, { Compliance = "metrology" })
}

resource "aws_backup_selection" "streaming" {
  name         = local.name
  plan_id      = aws_backup_plan.streaming.id
  iam_role_arn = data.aws_iam_role.dlm.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "daily"
  }
}
