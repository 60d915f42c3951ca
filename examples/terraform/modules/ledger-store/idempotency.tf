# Keys of requests already seen. Traffic follows the merchants' campaigns, so it is billed per request.
resource "aws_dynamodb_table" "idempotency" {
  name         = "${var.name}-idempotency"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "request_key"

  attribute {
    name = "request_key"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.ledger.arn
  }

  tags = var.tags
}
