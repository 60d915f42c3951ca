# The way in for operations, and addresses that partners have on their lists.
data "aws_ssm_parameter" "bastion_ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
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
    cidr_blocks = ["198.51.100.0/28"]
  }

  egress {
    description = "Anywhere"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "bastion" {
  ami                    = data.aws_ssm_parameter.bastion_ami.insecure_value
  instance_type          = "t4g.nano"
  subnet_id              = module.network.public_subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.bastion.id]

  root_block_device {
    volume_type = "gp3"
    volume_size = 8
  }

  tags = { Name = "${local.name}-bastion" }
}

resource "aws_eip" "bastion" {
  domain = "vpc"
  tags   = { Name = "${local.name}-bastion" }
}

resource "aws_eip_association" "bastion" {
  allocation_id = aws_eip.bastion.allocation_id
  instance_id   = aws_instance.bastion.id
}

resource "aws_eip" "payment_gateway" {
  domain = "vpc"
  tags   = { Name = "${local.name}-payment-gateway" }
}

# Handed to the mail team, who attach it to their relay.
resource "aws_eip" "mail" {
  domain = "vpc"
  tags   = { Name = "${local.name}-mail" }
}

output "mail_address" {
  description = "Address of outgoing mail."
  value       = aws_eip.mail.public_ip
}

# kelpie.example without www, and the domains of the brands that were bought.
resource "aws_lb" "redirects" {
  name               = "${local.name}-redirects"
  load_balancer_type = "application"
  subnets            = module.network.public_subnet_ids
}

resource "aws_lb_listener" "redirects" {
  load_balancer_arn = aws_lb.redirects.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      host        = "shop.kelpie.example"
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

# From when payments still had a network of its own.
resource "aws_vpc_endpoint" "payments_secrets" {
  vpc_id            = module.network.vpc_id
  vpc_endpoint_type = "Interface"
  service_name      = "com.amazonaws.${local.region}.secretsmanager"
  subnet_ids        = slice(module.network.private_subnet_ids, 0, 2)

  tags = { Name = "${local.name}-payments" }
}
