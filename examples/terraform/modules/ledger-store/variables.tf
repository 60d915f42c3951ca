variable "name" {
  description = "Prefix of the tables and buckets, such as fjord-prod-ledger."
  type        = string
}

variable "entries_capacity" {
  description = "Capacity range of the entries table; null bills it per request."
  type = object({
    read  = object({ min = number, max = number })
    write = object({ min = number, max = number })
  })
  default = null
}

variable "statement_retention_days" {
  description = "How long account statements are kept. The law says five years in production."
  type        = number
  default     = 1830

  validation {
    condition     = var.statement_retention_days >= 30
    error_message = "Statements are kept for 30 days at least."
  }
}

variable "tags" {
  description = "Tags added to every resource."
  type        = map(string)
  default     = {}
}

output "entries_table_name" {
  description = "Name of the entries table."
  value       = aws_dynamodb_table.entries.name
}

output "kms_key_arn" {
  description = "Key that encrypts the ledger."
  value       = aws_kms_key.ledger.arn
}
