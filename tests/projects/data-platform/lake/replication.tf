# Raw readings cannot be had again from the meters, so production keeps them in a second region.
locals {
  replicated = var.replicate ? toset(["raw", "refined"]) : toset([])
}

resource "aws_s3_bucket" "replica" {
  for_each = local.replicated
  provider = aws.replica

  bucket = "${local.name}-lake-${each.key}-replica"
}

resource "aws_s3_bucket_versioning" "replica" {
  for_each = local.replicated
  provider = aws.replica

  bucket = aws_s3_bucket.replica[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "replica" {
  for_each = local.replicated
  provider = aws.replica

  bucket = aws_s3_bucket.replica[each.key].id

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
}

resource "aws_iam_role" "replication" {
  count = length(local.replicated) > 0 ? 1 : 0

  name = "${local.name}-lake-replication"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "s3.amazonaws.com" }
    }]
  })
}

resource "aws_s3_bucket_replication_configuration" "zone" {
  for_each = local.replicated

  bucket = aws_s3_bucket.zone[each.key].id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = "everything"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket        = aws_s3_bucket.replica[each.key].arn
      storage_class = each.key == "raw" ? "GLACIER_IR" : null
    }
  }

  depends_on = [aws_s3_bucket_versioning.zone, aws_s3_bucket_versioning.replica]
}
