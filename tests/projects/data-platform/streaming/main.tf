locals {
  name = "grid-streaming"
  tags = { Environment = "prod" }

  brokers = { for index in range(3) : index => element(["us-east-1a", "us-east-1b", "us-east-1c"], index) }

  # Collectors at the edge of the network; the vendor's protocol needs one for each region of meters.
  collectors = {
    north = { type = "i3.large", environment = "prod" }
    south = { type = "m6a.large", environment = "prod" }
    test  = { type = "m6a.4xlarge", environment = "dev" }
    load  = { type = "c6a.large", environment = "dev", schedule = "office-hours" }
  }
}

data "aws_subnets" "compute" {
  tags = { Name = "grid-data-prod-compute-*" }
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_kinesis_stream" "readings" {
  for_each = {
    readings = { mode = "PROVISIONED", shards = 12 }
    events   = { mode = "ON_DEMAND" }
  }

  name             = "${local.name}-${each.key}"
  shard_count      = lookup(each.value, "shards", null)
  retention_period = 48

  stream_mode_details {
    stream_mode = each.value.mode
  }

  tags = local.tags
}

resource "aws_kinesis_firehose_delivery_stream" "readings" {
  name        = "${local.name}-to-lake"
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.readings["readings"].arn
    role_arn           = aws_iam_role.firehose.arn
  }

  extended_s3_configuration {
    role_arn           = aws_iam_role.firehose.arn
    bucket_arn         = "arn:aws:s3:::grid-prod-lake-raw"
    prefix             = "readings/"
    buffering_size     = 128
    buffering_interval = 300
    compression_format = "GZIP"
  }

  tags = local.tags
}

resource "aws_iam_role" "firehose" {
  name = "${local.name}-firehose"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "firehose.amazonaws.com" }
    }]
  })
}

resource "aws_instance" "collector" {
  for_each = local.collectors

  ami           = data.aws_ssm_parameter.ami.insecure_value
  instance_type = each.value.type
  subnet_id     = data.aws_subnets.compute.ids[0]
  monitoring    = each.key == "south"

  root_block_device {
    volume_size = 30
    volume_type = each.key == "north" ? "gp2" : "gp3"
  }

  tags = merge(
    { Name = "${local.name}-collector-${each.key}", Environment = each.value.environment },
    try({ Schedule = each.value.schedule }, {}),
  )
}

resource "aws_cloudwatch_metric_alarm" "south_busy" {
  alarm_name          = "${local.name}-collector-south-busy"
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 85
  dimensions          = { InstanceId = aws_instance.collector["south"].id }
}

# The protocol gateway's licence counts sockets of the host.
resource "aws_instance" "protocol_gateway" {
  ami           = data.aws_ssm_parameter.ami.insecure_value
  instance_type = "m6i.xlarge"
  subnet_id     = data.aws_subnets.compute.ids[1]
  tenancy       = "dedicated"

  root_block_device {
    volume_size = 30
    volume_type = "gp3"
  }

  tags = merge(local.tags, { Name = "${local.name}-protocol-gateway", License = "byol" })
}

resource "aws_instance" "relay" {
  ami           = data.aws_ssm_parameter.ami.insecure_value
  instance_type = "m6i.large"
  subnet_id     = data.aws_subnets.compute.ids[1]
  tenancy       = "dedicated"

  root_block_device {
    volume_size = 30
    volume_type = "gp3"
  }

  tags = merge(local.tags, { Name = "${local.name}-relay" })
}
