variable "name" {
  description = "Prefix of the buckets, such as kelpie-prod."
  type        = string
}

variable "keep_image_versions" {
  description = "Keep what product images were before."
  type        = bool
  default     = false
}

variable "upload_days" {
  description = "How long photos of returns are kept."
  type        = number
  default     = null
}

variable "log_days" {
  description = "How long access logs are kept."
  type        = number
  default     = null
}
