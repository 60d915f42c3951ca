resource "aws_s3_bucket" "flow_logs" {
  bucket = "${local.name}-flow-logs"
}

resource "aws_s3_bucket_lifecycle_configuration" "flow_logs" {
  bucket = aws_s3_bucket.flow_logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    expiration {
      days = 365
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

# The auditors look at what reaches the databases.
resource "aws_flow_log" "data" {
  count = length(module.network.data_subnet_ids)

  subnet_id            = module.network.data_subnet_ids[count.index]
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "${aws_s3_bucket.flow_logs.arn}/data/"
}
