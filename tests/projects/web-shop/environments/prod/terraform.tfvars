domain = "shop.kelpie.example"

services = {
  storefront = {
    internal   = false
    port       = 3000
    size       = { min = 4, max = 16 }
    target_cpu = 55

    instance = {
      type         = "m7g.large"
      architecture = "arm64"
      alternatives = ["m6g.large", "c7g.xlarge"]
      spot         = { on_demand_base = 2, on_demand_percentage = 25 }
    }
  }

  # 2 more instances are enough for the Friday mails.
  catalogue = {
    port = 8080
    size = { min = 3, max = 9 }

    instance = {
      type         = "m4.xlarge"
      alternatives = ["m5.xlarge", "m5a.xlarge"]
    }

    steps = {
      mailing = { instances = 2, cpu = 70 }
    }
  }

  search = {
    port        = 8983
    instance    = { type = "r6a.xlarge" }
    size        = { min = 2, max = 8 }
    data_volume = { size = 200 }
  }

  checkout = {
    port     = 8443
    instance = { type = "m6i.large" }
    size     = { min = 4, max = 4 }
  }

  pricing = {
    port     = 8081
    instance = { type = "c6a.large" }
    size     = { min = 2, max = 6 }

    steps = {
      more  = { instances = 1, cpu = 65 }
      fewer = { instances = -1, cpu = 25 }
    }
  }
}

orders = {
  engine_version = "16.6"
  instances      = 2
  instance_class = "db.r7g.xlarge"
}

databases = {
  # Finance runs the month's end on it.
  reporting = {
    engine         = "postgres"
    engine_version = "16.4"
    instance_class = "db.m6i.2xlarge"
    storage        = { size = 500, type = "io1", iops = 4000 }
  }

  cms = {
    engine         = "mysql"
    engine_version = "8.4.3"
    instance_class = "db.t4g.medium"
    storage        = { size = 60, max = 200, type = "gp3" }
  }

  warehouse-sync = {
    engine         = "sqlserver-se"
    engine_version = "16.00.4165.4.v1"
    instance_class = "db.m6i.xlarge"
    storage        = { size = 200, type = "gp3" }
  }
}

session_capacity = {
  read  = { min = 50, max = 600 }
  write = { min = 90, max = 90 }
}
