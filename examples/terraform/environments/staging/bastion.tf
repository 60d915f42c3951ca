data "aws_ssm_parameter" "bastion_ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_security_group" "bastion" {
  name        = "${local.name}-bastion"
  description = "SSH from the office"
  vpc_id      = module.network.vpc_id

  ingress {
    description = "SSH"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = var.office_cidr_blocks
  }

  egress {
    description = "Inside the VPC"
    protocol    = "tcp"
    from_port   = 0
    to_port     = 65535
    cidr_blocks = [module.network.cidr_block]
  }

  tags = local.tags
}

resource "aws_instance" "bastion" {
  ami                    = data.aws_ssm_parameter.bastion_ami.insecure_value
  instance_type          = var.bastion_instance_type
  subnet_id              = module.network.public_subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.bastion.id]

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 10
    encrypted   = true
  }

  tags = merge(local.tags, { Name = "${local.name}-bastion" })
}

resource "aws_eip" "bastion" {
  domain = "vpc"
  tags   = merge(local.tags, { Name = "${local.name}-bastion" })
}

resource "aws_eip_association" "bastion" {
  allocation_id = aws_eip.bastion.id
  instance_id   = aws_instance.bastion.id
}

# On the allow-list of the card scheme's certification environment.
resource "aws_eip" "scheme_certification" {
  domain = "vpc"
  tags   = merge(local.tags, { Name = "${local.name}-scheme-certification" })
}
