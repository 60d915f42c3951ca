variable "environment" {
  description = "prod or staging; the values are in env/."
  type        = string
}

variable "redshift" {
  description = "Provisioned clusters, and when each is paused and resumed."
  type = map(object({
    node_type = optional(string, "ra3.xlplus")
    nodes     = number
    tags      = optional(map(string), {})
    pause     = optional(object({ pause = string, resume = string }))
  }))
}

variable "workgroups" {
  description = "Serverless workgroups."
  type = map(object({
    base = optional(number)
    max  = optional(number)
  }))
  default = {}
}

variable "domains" {
  description = "OpenSearch domains."
  type = map(object({
    version       = optional(string, "OpenSearch_2.17")
    instance_type = string
    nodes         = number
    volume        = object({ size = number, type = optional(string) })
  }))
}

variable "documents" {
  description = "Instances of the DocumentDB cluster."
  type        = object({ class = string, instances = number })
}

variable "topology_readers" {
  description = "Readers of the grid's topology, besides the writer."
  type        = number
  default     = 1
}

variable "airflow" {
  description = "Airflow's database."
  type = object({
    version    = string
    class      = string
    extensible = optional(bool, true)
  })
}

variable "metastore_capacity" {
  description = "Range of the Hive metastore's Aurora capacity units."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 16 }
}
