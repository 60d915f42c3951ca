# Models and calibration tables that the consumers read.
resource "aws_efs_file_system" "this" {
  for_each = {
    models      = { tiered = false, mode = "elastic" }
    calibration = { tiered = true, mode = "bursting" }
    captures    = { tiered = true, mode = "provisioned" }
  }

  encrypted                       = true
  throughput_mode                 = each.value.mode
  provisioned_throughput_in_mibps = each.value.mode == "provisioned" ? 96 : null

  dynamic "lifecycle_policy" {
    for_each = each.value.tiered ? ["AFTER_30_DAYS"] : []
    content {
      transition_to_ia = lifecycle_policy.value
    }
  }

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_efs_mount_target" "this" {
  for_each = aws_efs_file_system.this

  file_system_id = each.value.id
  subnet_id      = data.aws_subnets.compute.ids[0]
}

output "models_file_system_id" {
  description = "File system of the models, mounted by the batch jobs too."
  value       = aws_efs_file_system.this["models"].id
}
