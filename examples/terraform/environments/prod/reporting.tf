# PostgreSQL for finance's month-end reports; filled from the ledger every night.
data "aws_ssm_parameter" "reporting_ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

locals {
  reporting_devices = { data = "/dev/sdf", wal = "/dev/sdg" }
}

resource "aws_security_group" "reporting" {
  name        = "${local.name}-reporting"
  description = "PostgreSQL of finance"
  vpc_id      = module.network.vpc_id

  ingress {
    description = "PostgreSQL"
    protocol    = "tcp"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = [module.network.cidr_block]
  }

  tags = local.tags
}

resource "aws_instance" "reporting" {
  ami                    = data.aws_ssm_parameter.reporting_ami.insecure_value
  instance_type          = "r6a.xlarge"
  subnet_id              = module.network.private_subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.reporting.id]

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 30
    encrypted   = true
  }

  tags = merge(local.tags, { Name = "${local.name}-reporting", Team = "finance-data" })
}

resource "aws_ebs_volume" "reporting" {
  for_each = var.reporting_volume_gib

  availability_zone = var.availability_zones[0]
  size              = each.value
  encrypted         = true

  tags = merge(local.tags, { Name = "${local.name}-reporting-${each.key}", Team = "finance-data" })
}

resource "aws_volume_attachment" "reporting" {
  for_each = aws_ebs_volume.reporting

  device_name = local.reporting_devices[each.key]
  volume_id   = each.value.id
  instance_id = aws_instance.reporting.id
}
