output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr_block" {
  description = "CIDR block of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Public subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Private subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "data_subnet_ids" {
  description = "Subnets of databases and caches, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.data[zone].id]
}

output "private_route_table_ids" {
  description = "Route tables of the private subnets."
  value       = { for zone, table in aws_route_table.private : zone => table.id }
}
