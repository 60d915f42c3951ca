locals {
  buckets = {
    statements = aws_s3_bucket.statements.id
    exports    = aws_s3_bucket.exports.id
  }
}

resource "aws_s3_bucket" "statements" {
  bucket = "${var.name}-statements"
  tags   = merge(var.tags, { DataClass = "confidential" })
}

# Settlement files, fetched by the acquiring banks every morning.
resource "aws_s3_bucket" "exports" {
  bucket = "${var.name}-exports"
  tags   = merge(var.tags, { DataClass = "confidential" })
}

resource "aws_s3_bucket_versioning" "statements" {
  bucket = aws_s3_bucket.statements.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "statements" {
  bucket = aws_s3_bucket.statements.id

  rule {
    id     = "archive-then-expire"
    status = "Enabled"

    filter {}

    dynamic "transition" {
      for_each = var.statement_retention_days > 180 ? { 60 = "STANDARD_IA", 180 = "GLACIER" } : {}
      content {
        days          = transition.key
        storage_class = transition.value
      }
    }

    expiration {
      days = var.statement_retention_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = each.value

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.ledger.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = each.value
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
