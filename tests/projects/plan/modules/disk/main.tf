variable "name" { type = string }
variable "size" { type = number }
variable "type" { type = string }

resource "aws_ebs_volume" "this" {
  availability_zone = "eu-west-1a"
  size              = var.size
  type              = var.type
  tags              = { Name = var.name }
}
