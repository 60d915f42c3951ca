# The appliances of the meter vendor. They expect two addresses of their own for updates.
locals {
  vendor = {
    cidr_block = "10.70.0.0/20"
    updates    = toset(["primary", "secondary"])
  }
}

resource "aws_vpc" "vendor" {
  cidr_block       = local.vendor.cidr_block
  instance_tenancy = "dedicated"

  tags = { Name = "${local.name}-vendor" }
}

resource "aws_internet_gateway" "vendor" {
  vpc_id = aws_vpc.vendor.id
}

resource "aws_subnet" "vendor_public" {
  vpc_id            = aws_vpc.vendor.id
  availability_zone = "us-east-1a"
  cidr_block        = cidrsubnet(local.vendor.cidr_block, 4, 0)
}

resource "aws_subnet" "vendor" {
  vpc_id            = aws_vpc.vendor.id
  availability_zone = "us-east-1a"
  cidr_block        = cidrsubnet(local.vendor.cidr_block, 4, 1)
}

resource "aws_eip" "vendor" {
  for_each = local.vendor.updates

  domain = "vpc"
  tags   = { Name = "${local.name}-vendor-${each.key}" }
}

resource "aws_nat_gateway" "vendor" {
  for_each = local.vendor.updates

  allocation_id = aws_eip.vendor[each.key].allocation_id
  subnet_id     = aws_subnet.vendor_public.id

  tags = { Name = "${local.name}-vendor-${each.key}" }
}

resource "aws_route_table" "vendor_public" {
  vpc_id = aws_vpc.vendor.id
}

resource "aws_route" "vendor_public" {
  route_table_id         = aws_route_table.vendor_public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.vendor.id
}

resource "aws_route_table_association" "vendor_public" {
  subnet_id      = aws_subnet.vendor_public.id
  route_table_id = aws_route_table.vendor_public.id
}

resource "aws_route_table" "vendor" {
  vpc_id = aws_vpc.vendor.id
}

resource "aws_route" "vendor" {
  route_table_id         = aws_route_table.vendor.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.vendor["primary"].id
}

resource "aws_route_table_association" "vendor" {
  subnet_id      = aws_subnet.vendor.id
  route_table_id = aws_route_table.vendor.id
}

resource "aws_vpc_endpoint" "vendor_s3" {
  vpc_id            = aws_vpc.vendor.id
  service_name      = "com.amazonaws.us-east-1.s3"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.vendor.id]
}

# Reached from the main VPC through a gateway of its own, kept apart from the stations.
resource "aws_ec2_transit_gateway" "vendor" {
  description = "${local.name} and its vendor"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "vendor" {
  for_each = {
    main   = { vpc_id = aws_vpc.main.id, subnet_ids = [aws_subnet.compute[0].id] }
    vendor = { vpc_id = aws_vpc.vendor.id, subnet_ids = [aws_subnet.vendor.id] }
  }

  transit_gateway_id = aws_ec2_transit_gateway.vendor.id
  vpc_id             = each.value.vpc_id
  subnet_ids         = each.value.subnet_ids
}

resource "aws_flow_log" "vendor" {
  vpc_id               = aws_vpc.vendor.id
  traffic_type         = "REJECT"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::grid-audit-flow-logs/vendor/"
}
