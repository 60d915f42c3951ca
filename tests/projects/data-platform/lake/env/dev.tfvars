environment = "dev"
raw_days    = 60

partners = {
  suppliers = { days = 7 }
}
