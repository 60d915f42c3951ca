disk_type = "gp2"
