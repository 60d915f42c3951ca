# Previews of pull requests: one function answers for all of them.
locals {
  preview_domain = "preview.kelpie.example"
}

data "aws_lambda_function" "preview" {
  function_name = "kelpie-preview-router"
}

resource "aws_lb" "preview" {
  name               = "${local.name}-preview"
  load_balancer_type = "application"
  subnets            = module.network.public_subnet_ids
}

resource "aws_lb_target_group" "preview" {
  name        = "${local.name}-preview"
  target_type = "lambda"
}

resource "aws_lb_target_group_attachment" "preview" {
  target_group_arn = aws_lb_target_group.preview.arn
  target_id        = data.aws_lambda_function.preview.arn
}

resource "aws_lb_listener" "preview" {
  load_balancer_arn = aws_lb.preview.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = data.aws_acm_certificate.shop.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.preview.arn
  }
}

resource "aws_lb" "checkout_v1" {
  name               = "${local.name}-checkout-v1"
  internal           = true
  load_balancer_type = "application"
  subnets            = module.network.private_subnet_ids
}

resource "aws_lb_target_group" "checkout_v1" {
  name     = "${local.name}-checkout-v1"
  vpc_id   = module.network.vpc_id
  protocol = "HTTP"
  port     = 8443
}
