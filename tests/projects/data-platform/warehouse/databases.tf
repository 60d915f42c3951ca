resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = data.aws_subnets.compute.ids
}

# Contracts and letters.
resource "aws_docdb_cluster" "documents" {
  cluster_identifier      = "${local.name}-documents"
  engine                  = "docdb"
  engine_version          = "5.0.0"
  master_username         = "documents"
  master_password         = data.aws_ssm_parameter.documents_password.value
  db_subnet_group_name    = aws_db_subnet_group.this.name
  backup_retention_period = 7
  storage_encrypted       = true
  skip_final_snapshot     = true
}

data "aws_ssm_parameter" "documents_password" {
  name = "/grid/${var.environment}/documents/password"
}

resource "aws_docdb_cluster_instance" "documents" {
  count = var.documents.instances

  identifier         = "${local.name}-documents-${count.index}"
  cluster_identifier = aws_docdb_cluster.documents.id
  instance_class     = var.documents.class
}

# What is connected to what in the grid.
resource "aws_neptune_cluster" "topology" {
  cluster_identifier        = "${local.name}-topology"
  engine_version            = "1.3.2.1"
  neptune_subnet_group_name = aws_db_subnet_group.this.name
  storage_encrypted         = true
  skip_final_snapshot       = true
}

resource "aws_neptune_cluster_instance" "writer" {
  cluster_identifier = aws_neptune_cluster.topology.id
  instance_class     = "db.r6g.large"
}

resource "aws_neptune_cluster_instance" "reader" {
  count = var.topology_readers

  cluster_identifier = aws_neptune_cluster.topology.id
  instance_class     = "db.r6g.large"
  promotion_tier     = 15
}

resource "aws_db_instance" "airflow" {
  identifier                  = "${local.name}-airflow"
  engine                      = "postgres"
  engine_version              = var.airflow.version
  instance_class              = var.airflow.class
  allocated_storage           = 50
  max_allocated_storage       = var.airflow.extensible ? 200 : 0
  storage_type                = "gp3"
  storage_encrypted           = true
  multi_az                    = var.environment == "prod"
  username                    = "airflow"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.this.name
  backup_retention_period     = 7
  skip_final_snapshot         = true
}

resource "aws_rds_cluster" "metastore" {
  cluster_identifier          = "${local.name}-metastore"
  engine                      = "aurora-mysql"
  engine_version              = "8.0.mysql_aurora.3.08.0"
  engine_lifecycle_support    = "open-source-rds-extended-support-disabled"
  master_username             = "hive"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.this.name
  storage_encrypted           = true
  skip_final_snapshot         = true

  serverlessv2_scaling_configuration {
    min_capacity = var.metastore_capacity.min
    max_capacity = var.metastore_capacity.max
  }
}

resource "aws_rds_cluster_instance" "metastore" {
  identifier         = "${local.name}-metastore"
  cluster_identifier = aws_rds_cluster.metastore.id
  engine             = aws_rds_cluster.metastore.engine
  instance_class     = "db.serverless"
}

output "metastore_endpoint" {
  description = "Where Hive and Spark find the metastore."
  value       = aws_rds_cluster.metastore.endpoint
}
