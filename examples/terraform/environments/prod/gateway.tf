resource "aws_lb" "gateway" {
  name                       = "${local.name}-gateway"
  load_balancer_type         = "network"
  subnets                    = module.network.public_subnet_ids
  enable_deletion_protection = true

  tags = local.tags
}

resource "aws_lb_target_group" "gateway" {
  name     = "${local.name}-gateway"
  vpc_id   = module.network.vpc_id
  protocol = "TCP"
  port     = var.services["gateway"].port

  health_check {
    protocol = "TCP"
    interval = 10
  }

  tags = local.tags
}

resource "aws_lb_listener" "gateway" {
  load_balancer_arn = aws_lb.gateway.arn
  protocol          = "TCP"
  port              = 443

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}
