variable "domain" {
  description = "Domain of the shop."
  type        = string
}

variable "services" {
  description = "Services behind load balancers, by name."
  type = map(object({
    internal = optional(bool, true)
    port     = number
    instance = object({
      type         = string
      architecture = optional(string, "x86_64")
      alternatives = optional(list(string), [])
      spot         = optional(object({ on_demand_base = number, on_demand_percentage = number }))
    })
    size        = object({ min = number, max = number })
    target_cpu  = optional(number)
    steps       = optional(map(object({ instances = number, cpu = number })), {})
    data_volume = optional(object({ size = number, type = optional(string, "gp3"), delete_on_termination = optional(bool) }))
  }))
}

variable "orders" {
  description = "The cluster of orders."
  type        = object({ engine_version = string, instances = number, instance_class = string })
}

variable "databases" {
  description = "Databases besides the cluster of orders."
  type = map(object({
    engine         = string
    engine_version = string
    instance_class = string
    storage = object({
      size = number
      max  = optional(number)
      type = optional(string)
      iops = optional(number)
    })
  }))
}

variable "session_capacity" {
  description = "Capacity of the sessions table."
  type = object({
    read  = object({ min = number, max = number })
    write = object({ min = number, max = number })
  })
}
