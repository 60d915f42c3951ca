# Capacity for the winter peaks, when eu and us forecasts run at the same time.
resource "aws_ec2_capacity_reservation" "peak" {
  instance_type     = "c6a.8xlarge"
  instance_platform = "Linux/UNIX"
  availability_zone = "us-east-1a"
  instance_count    = 2

  tags = { Name = "${local.name}-peak" }
}

resource "aws_ec2_capacity_reservation" "audit" {
  instance_type           = "m6a.2xlarge"
  instance_platform       = "Linux/UNIX"
  availability_zone       = "us-east-1b"
  instance_count          = 1
  end_date_type           = "limited"
  end_date                = "2027-02-01T00:00:00Z"
  instance_match_criteria = "targeted"

  tags = { Name = "${local.name}-audit" }
}

resource "aws_ec2_capacity_reservation" "solver" {
  instance_type           = "r6a.8xlarge"
  instance_platform       = "Linux/UNIX"
  availability_zone       = "us-east-1b"
  instance_count          = 1
  instance_match_criteria = "targeted"

  tags = { Name = "${local.name}-solver" }
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_launch_template" "solver" {
  name_prefix   = "${local.name}-solver-"
  image_id      = data.aws_ssm_parameter.ami.insecure_value
  instance_type = "r6a.8xlarge"

  capacity_reservation_specification {
    capacity_reservation_target {
      capacity_reservation_id = aws_ec2_capacity_reservation.solver.id
    }
  }
}

resource "aws_instance" "solver" {
  subnet_id = local.subnet_ids[1]

  launch_template {
    id      = aws_launch_template.solver.id
    version = "$Latest"
  }

  tags = { Name = "${local.name}-solver" }
}
