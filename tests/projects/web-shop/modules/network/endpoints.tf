locals {
  endpoint_zones = slice(var.availability_zones, 0, coalesce(var.interface_endpoints.zones, length(var.availability_zones)))
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_endpoints

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  route_table_ids   = concat([aws_route_table.data.id], values(aws_route_table.private)[*].id)

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  count = length(var.interface_endpoints.services) > 0 ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "HTTPS from the VPC to AWS services"
  vpc_id      = aws_vpc.this.id

  ingress {
    description = "HTTPS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [aws_vpc.this.cidr_block]
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints.services

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  private_dns_enabled = true
  subnet_ids          = [for zone in local.endpoint_zones : aws_subnet.private[zone].id]
  security_group_ids  = aws_security_group.endpoints[*].id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_flow_log" "s3" {
  count = try(var.flow_logs.destination, "") == "s3" ? 1 : 0

  vpc_id                   = aws_vpc.this.id
  traffic_type             = var.flow_logs.traffic_type
  log_destination_type     = "s3"
  log_destination          = var.flow_logs.bucket_arn
  max_aggregation_interval = 600

  destination_options {
    file_format        = "parquet"
    per_hour_partition = true
  }
}

resource "aws_cloudwatch_log_group" "flow" {
  count = try(var.flow_logs.destination, "") == "cloud-watch-logs" ? 1 : 0

  name              = "/kelpie/${var.name}/flow"
  retention_in_days = var.flow_logs.retention_days
}

resource "aws_flow_log" "cloudwatch" {
  count = length(aws_cloudwatch_log_group.flow)

  vpc_id          = aws_vpc.this.id
  traffic_type    = var.flow_logs.traffic_type
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.flow[0].arn
}

resource "aws_iam_role" "flow" {
  count = length(aws_cloudwatch_log_group.flow)

  name = "${var.name}-vpc-flow"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "flow" {
  count = length(aws_cloudwatch_log_group.flow)

  name = "write"
  role = aws_iam_role.flow[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${aws_cloudwatch_log_group.flow[0].arn}:*"
    }]
  })
}
