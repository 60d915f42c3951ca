environment = "prod"
raw_days    = 1095
replicate   = true

partners = {
  regulator = { days = 90, own_key = true }
  suppliers = { days = 30 }
  weather   = {}
}
