resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "Databases of ${var.name}"
  vpc_id      = var.vpc_id

  dynamic "ingress" {
    for_each = { postgresql = 5432, mysql = 3306 }
    content {
      description = ingress.key
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = var.client_cidr_blocks
    }
  }
}

# Orders and payments.
resource "aws_rds_cluster_parameter_group" "orders" {
  name_prefix = "${var.name}-orders-"
  family      = "aurora-postgresql${split(".", var.orders.engine_version)[0]}"

  parameter {
    name  = "log_min_duration_statement"
    value = "500"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "orders" {
  cluster_identifier              = "${var.name}-orders"
  engine                          = "aurora-postgresql"
  engine_version                  = var.orders.engine_version
  engine_lifecycle_support        = var.lifecycle_support
  database_name                   = "orders"
  master_username                 = "orders_admin"
  manage_master_user_password     = true
  db_subnet_group_name            = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.orders.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  storage_type                    = var.orders.io_optimized ? "aurora-iopt1" : null
  storage_encrypted               = true
  backup_retention_period         = var.backup_days
  deletion_protection             = var.deletion_protection
  skip_final_snapshot             = !var.deletion_protection

  dynamic "serverlessv2_scaling_configuration" {
    for_each = var.orders.serverless[*]
    content {
      min_capacity             = serverlessv2_scaling_configuration.value.min
      max_capacity             = serverlessv2_scaling_configuration.value.max
      seconds_until_auto_pause = serverlessv2_scaling_configuration.value.pause_after
    }
  }
}

resource "aws_rds_cluster_instance" "orders" {
  count = var.orders.instances

  identifier                   = "${var.name}-orders-${count.index}"
  cluster_identifier           = aws_rds_cluster.orders.id
  engine                       = aws_rds_cluster.orders.engine
  engine_version               = aws_rds_cluster.orders.engine_version
  instance_class               = var.orders.serverless == null ? var.orders.instance_class : "db.serverless"
  performance_insights_enabled = true
}

resource "aws_db_instance" "this" {
  for_each = var.instances

  identifier                  = "${var.name}-${each.key}"
  engine                      = each.value.engine
  engine_version              = each.value.engine_version
  engine_lifecycle_support    = contains(["mysql", "postgres"], each.value.engine) ? var.lifecycle_support : null
  license_model               = startswith(each.value.engine, "sqlserver") ? "license-included" : null
  instance_class              = each.value.instance_class
  allocated_storage           = each.value.storage.size
  max_allocated_storage       = each.value.storage.max
  storage_type                = each.value.storage.type
  iops                        = each.value.storage.iops
  storage_encrypted           = true
  multi_az                    = each.value.multi_az
  username                    = "${each.key}_admin"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.this.name
  vpc_security_group_ids      = [aws_security_group.this.id]
  backup_retention_period     = var.backup_days
  deletion_protection         = var.deletion_protection
  skip_final_snapshot         = !var.deletion_protection
  final_snapshot_identifier   = var.deletion_protection ? "${var.name}-${each.key}-final" : null
}

resource "aws_iam_role" "proxy" {
  count = var.proxy ? 1 : 0

  name = "${var.name}-orders-proxy"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "proxy" {
  count = var.proxy ? 1 : 0

  name = "read-secret"
  role = aws_iam_role.proxy[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_rds_cluster.orders.master_user_secret[0].secret_arn
    }]
  })
}

resource "aws_db_proxy" "orders" {
  count = var.proxy ? 1 : 0

  name                   = "${var.name}-orders"
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy[0].arn
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [aws_security_group.this.id]
  require_tls            = true

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "DISABLED"
    secret_arn  = aws_rds_cluster.orders.master_user_secret[0].secret_arn
  }
}

resource "aws_db_proxy_default_target_group" "orders" {
  count = var.proxy ? 1 : 0

  db_proxy_name = aws_db_proxy.orders[0].name

  connection_pool_config {
    max_connections_percent      = 80
    connection_borrow_timeout    = 30
    max_idle_connections_percent = 20
  }
}

resource "aws_db_proxy_target" "orders" {
  count = var.proxy ? 1 : 0

  db_proxy_name         = aws_db_proxy.orders[0].name
  target_group_name     = aws_db_proxy_default_target_group.orders[0].name
  db_cluster_identifier = aws_rds_cluster.orders.id
}
