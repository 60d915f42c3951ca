# The metering stations reach the platform through the transit gateway; the vendor's appliances sit in a VPC of their own.
locals {
  onsite_cidr_blocks = ["172.20.0.0/14"]
}

resource "aws_ec2_transit_gateway" "grid" {
  description = "${local.name} and the stations"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.grid.id
  vpc_id             = aws_vpc.main.id
  subnet_ids         = aws_subnet.compute[*].id
}

resource "aws_customer_gateway" "station" {
  for_each = { ostrava = "203.0.113.10", brno = "203.0.113.77" }

  bgp_asn    = 65010
  ip_address = each.value
  type       = "ipsec.1"

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpn_connection" "station" {
  for_each = aws_customer_gateway.station

  customer_gateway_id = each.value.id
  transit_gateway_id  = aws_ec2_transit_gateway.grid.id
  type                = "ipsec.1"
}

# Stations fetch firmware from S3 over the VPN, which a gateway endpoint cannot serve.
resource "aws_vpc_endpoint" "s3_onsite" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.us-east-1.s3"
  vpc_endpoint_type = "Interface"
  subnet_ids        = slice(aws_subnet.compute[*].id, 0, 2)

  dns_options {
    private_dns_only_for_inbound_resolver_endpoint = false
  }
}
