# Files that suppliers and the regulator send and fetch.
resource "aws_s3_bucket" "exchange" {
  for_each = var.partners

  bucket = "${local.name}-exchange-${each.key}"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "exchange" {
  for_each = var.partners

  bucket = "${local.name}-exchange-${each.key}"

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.own_key ? "aws:kms" : "AES256"
      kms_master_key_id = each.value.own_key ? aws_kms_key.lake.arn : null
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "exchange" {
  for_each = { for name, partner in var.partners : name => partner if partner.days != null }

  bucket = aws_s3_bucket.exchange[each.key].bucket

  rule {
    id     = "incoming"
    status = "Enabled"

    filter {
      prefix = "incoming/"
    }

    expiration {
      days = each.value.days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

# Signed settlement files: seven years, nobody may delete them.
resource "aws_s3_bucket" "settlement" {
  bucket              = "${local.name}-settlement"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "settlement" {
  bucket = aws_s3_bucket.settlement.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "settlement" {
  bucket = aws_s3_bucket.settlement.id

  rule {
    default_retention {
      mode  = "COMPLIANCE"
      years = 7
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "settlement" {
  bucket = aws_s3_bucket.settlement.id

  rule {
    id     = "archive"
    status = "Enabled"

    filter {}

    transition {
      days          = 120
      storage_class = "DEEP_ARCHIVE"
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

# Loads of the old billing system; written by hand with `aws s3 cp --storage-class INTELLIGENT_TIERING`.
resource "aws_s3_bucket" "billing_loads" {
  bucket = "${local.name}-billing-loads"
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "billing_loads" {
  bucket = aws_s3_bucket.billing_loads.id
  name   = "archive"

  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 120
  }
}
