resource "aws_iam_role" "emr" {
  name               = "${local.name}-emr"
  assume_role_policy = data.aws_iam_policy_document.assume["elasticmapreduce"].json
}

# Readings of the day, joined with tariffs; steps come from Airflow.
resource "aws_emr_cluster" "joins" {
  name          = "${local.name}-joins"
  release_label = "emr-6.15.0"
  applications  = ["Spark", "Hive"]
  service_role  = aws_iam_role.emr.arn

  ec2_attributes {
    subnet_id        = local.subnet_ids[0]
    instance_profile = aws_iam_instance_profile.instance.arn
  }

  master_instance_group {
    instance_type = "m6a.xlarge"
  }

  core_instance_group {
    instance_type  = "r4.2xlarge"
    instance_count = 4

    ebs_config {
      size = 256
      type = "gp3"
    }
  }

  configurations_json = jsonencode([{
    Classification = "spark-defaults"
    Properties     = { "spark.dynamicAllocation.enabled" = "true" }
  }])
}

resource "aws_emr_instance_group" "joins" {
  for_each = {
    steady = { type = "r6a.2xlarge", count = 3 }
    burst  = { type = "r6a.4xlarge", count = 2, bid = "0.55" }
  }

  name           = "task-${each.key}"
  cluster_id     = aws_emr_cluster.joins.id
  instance_type  = each.value.type
  instance_count = each.value.count
  bid_price      = try(each.value.bid, null)
}

resource "aws_emr_cluster" "explore" {
  name          = "${local.name}-explore"
  release_label = "emr-7.5.0"
  applications  = ["Spark", "JupyterEnterpriseGateway"]
  service_role  = aws_iam_role.emr.arn

  auto_termination_policy {
    idle_timeout = 3600
  }

  ec2_attributes {
    subnet_ids       = local.subnet_ids
    instance_profile = aws_iam_instance_profile.instance.arn
  }

  master_instance_fleet {
    target_on_demand_capacity = 1

    instance_type_configs {
      instance_type = "m6a.xlarge"
    }
  }

  core_instance_fleet {
    target_on_demand_capacity = 2

    instance_type_configs {
      instance_type = "r6a.xlarge"
    }
  }

  tags = { Environment = "dev" }
}

resource "aws_emr_instance_fleet" "explore" {
  cluster_id                = aws_emr_cluster.explore.id
  name                      = "task"
  target_on_demand_capacity = 6
  target_spot_capacity      = 0

  dynamic "instance_type_configs" {
    for_each = ["r6a.xlarge", "r7a.xlarge"]
    content {
      instance_type     = instance_type_configs.value
      weighted_capacity = 1
    }
  }
}

# Ends by itself after its steps.
resource "aws_emr_cluster" "compaction" {
  name                              = "${local.name}-compaction"
  release_label                     = "emr-7.5.0"
  applications                      = ["Spark"]
  service_role                      = aws_iam_role.emr.arn
  keep_job_flow_alive_when_no_steps = false

  ec2_attributes {
    subnet_id        = local.subnet_ids[0]
    instance_profile = aws_iam_instance_profile.instance.arn
  }

  master_instance_group {
    instance_type = "m6a.2xlarge"
  }

  core_instance_group {
    instance_type  = "m6a.2xlarge"
    instance_count = 2
  }

  step {
    name              = "compact"
    action_on_failure = "TERMINATE_CLUSTER"

    hadoop_jar_step {
      jar  = "command-runner.jar"
      args = ["spark-submit", "--class", "grid.Compact", "s3://grid-prod-lake-refined/jobs/compact.jar"]
    }
  }
}

# Point look-ups of meters, day and night.
resource "aws_emr_cluster" "meters" {
  name          = "${local.name}-meters"
  release_label = "emr-7.5.0"
  applications  = ["HBase", "Phoenix"]
  service_role  = aws_iam_role.emr.arn

  ec2_attributes {
    subnet_id        = local.subnet_ids[1]
    instance_profile = aws_iam_instance_profile.instance.arn
  }

  master_instance_group {
    instance_type = "m6a.xlarge"
  }

  core_instance_group {
    instance_type  = "r6a.2xlarge"
    instance_count = 3
  }

  tags = { Availability = "always-on" }
}
