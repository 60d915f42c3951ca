# One workspace for each environment; the default one is production.
locals {
  environment = terraform.workspace == "default" ? "prod" : terraform.workspace
  name        = "grid-data-${local.environment}"
  zones       = ["us-east-1a", "us-east-1b", "us-east-1c"]
  cidr_block  = lookup({ prod = "10.60.0.0/16", dev = "10.61.0.0/16" }, local.environment, "10.62.0.0/16")

  tags = {
    Environment = local.environment
    Team        = "data-platform"
  }
}

resource "aws_vpc" "main" {
  cidr_block           = local.cidr_block
  enable_dns_hostnames = true

  tags = { Name = local.name }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(local.cidr_block, 8, count.index)

  tags = { Name = "${local.name}-public-${count.index}" }
}

resource "aws_subnet" "compute" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(local.cidr_block, 3, count.index + 1)

  tags = { Name = "${local.name}-compute-${count.index}" }
}

resource "aws_eip" "nat" {
  count  = length(local.zones)
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  count = length(local.zones)

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id

  tags = { Name = "${local.name}-${local.zones[count.index]}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "compute" {
  count  = length(local.zones)
  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main[count.index].id
  }

  dynamic "route" {
    for_each = local.onsite_cidr_blocks
    content {
      cidr_block         = route.value
      transit_gateway_id = aws_ec2_transit_gateway.grid.id
    }
  }
}

resource "aws_route_table_association" "public" {
  count = length(local.zones)

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "compute" {
  count = length(local.zones)

  subnet_id      = aws_subnet.compute[count.index].id
  route_table_id = aws_route_table.compute[count.index].id
}

# Zone c was added later.
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.us-east-1.s3"
  route_table_ids = slice(aws_route_table.compute[*].id, 0, 2)
}

output "vpc_id" {
  description = "VPC of the data platform."
  value       = aws_vpc.main.id
}

output "compute_subnet_ids" {
  description = "Subnets of everything that computes."
  value       = aws_subnet.compute[*].id
}
