resource "aws_s3_bucket" "raw_events" {
  bucket = "${local.name}-raw-events"
}

resource "aws_s3_bucket_lifecycle_configuration" "raw_events" {
  bucket = aws_s3_bucket.raw_events.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.raw_event_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  dynamic "rule" {
    for_each = var.raw_event_days > 180 ? [90] : []
    content {
      id     = "archive"
      status = "Enabled"

      filter {}

      transition {
        days          = rule.value
        storage_class = "GLACIER_IR"
      }
    }
  }
}

resource "aws_s3_bucket" "query_results" {
  bucket = "${local.name}-query-results"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = toset([aws_s3_bucket.raw_events.bucket, aws_s3_bucket.query_results.bucket])

  bucket = each.value

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = toset([aws_s3_bucket.raw_events.bucket, aws_s3_bucket.query_results.bucket])

  bucket                  = each.value
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_athena_workgroup" "analysts" {
  name = "${local.name}-analysts"

  configuration {
    enforce_workgroup_configuration = true
    bytes_scanned_cutoff_per_query  = 1099511627776

    result_configuration {
      output_location = "s3://${aws_s3_bucket.query_results.bucket}/athena/"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}
