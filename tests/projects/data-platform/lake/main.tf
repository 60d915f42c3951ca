locals {
  name = "grid-${var.environment}"

  tags = {
    Environment = var.environment
    Team        = "data-platform"
  }

  # What is in each zone of the lake, and how long.
  zones = {
    raw     = { versioned = true, tier_after = 30, tier = "GLACIER_IR", expire_after = var.raw_days, keep_versions = 14 }
    refined = { versioned = true, tier_after = 60, tier = "STANDARD_IA", expire_after = null, keep_versions = null }
    scratch = { versioned = false, tier_after = 7, tier = "GLACIER_IR", expire_after = 30, keep_versions = null }
  }
}

resource "aws_kms_key" "lake" {
  description         = "Data lake of ${local.name}"
  enable_key_rotation = true
}

resource "aws_s3_bucket" "zone" {
  for_each = local.zones

  bucket = "${local.name}-lake-${each.key}"
}

resource "aws_s3_bucket_versioning" "zone" {
  for_each = { for name, zone in local.zones : name => zone if zone.versioned }

  bucket = aws_s3_bucket.zone[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "zone" {
  for_each = local.zones

  bucket = aws_s3_bucket.zone[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.lake.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "zone" {
  for_each = local.zones

  bucket = aws_s3_bucket.zone[each.key].id

  rule {
    id     = "tier"
    status = "Enabled"

    filter {}

    transition {
      days          = each.value.tier_after
      storage_class = each.value.tier
    }

    dynamic "expiration" {
      for_each = each.value.expire_after[*]
      content {
        days = expiration.value
      }
    }

    dynamic "noncurrent_version_expiration" {
      for_each = each.value.keep_versions[*]
      content {
        noncurrent_days = noncurrent_version_expiration.value
      }
    }
  }

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
}

resource "aws_s3_bucket_logging" "zone" {
  for_each = local.zones

  bucket        = aws_s3_bucket.zone[each.key].id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "${each.key}/"
}

resource "aws_s3_bucket_public_access_block" "zone" {
  for_each = aws_s3_bucket.zone

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "logs" {
  bucket = "${local.name}-lake-access-logs"
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "tier"
    status = "Enabled"

    filter {}

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

output "zone_buckets" {
  description = "Bucket of each zone of the lake."
  value       = { for name, bucket in aws_s3_bucket.zone : name => bucket.bucket }
}
