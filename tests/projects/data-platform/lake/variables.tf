variable "environment" {
  description = "prod or dev; the values are in env/."
  type        = string
}

variable "raw_days" {
  description = "How long raw readings are kept."
  type        = number
}

variable "replicate" {
  description = "Keep a copy in a second region."
  type        = bool
  default     = false
}

variable "partners" {
  description = "Partners that exchange files with us; days is how long what they send is kept."
  type = map(object({
    days    = optional(number)
    own_key = optional(bool, false)
  }))
  default = {}
}
