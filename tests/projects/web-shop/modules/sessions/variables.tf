variable "name" {
  description = "Prefix of the tables, such as kelpie-prod."
  type        = string
}

variable "capacity" {
  description = "Range of the sessions table's capacity; null pays for each request."
  type = object({
    read  = object({ min = number, max = number })
    write = object({ min = number, max = number })
  })
  default = null
}
