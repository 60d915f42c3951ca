# The index of the product search is built here once a day and copied to the search instances.
locals {
  index_volumes = {
    build   = { device = "/dev/sdf", size = 400 }
    staging = { device = "/dev/sdg", size = 100, type = "gp3" }
  }
}

data "aws_ssm_parameter" "indexer_ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_instance" "indexer" {
  ami           = data.aws_ssm_parameter.indexer_ami.insecure_value
  instance_type = "r6a.2xlarge"
  subnet_id     = module.network.private_subnet_ids[0]
  monitoring    = true

  root_block_device {
    volume_type = "gp3"
    volume_size = 20
  }

  tags = { Name = "${local.name}-indexer" }
}

resource "aws_ebs_volume" "index" {
  for_each = local.index_volumes

  availability_zone = "${local.region}a"
  size              = each.value.size
  type              = lookup(each.value, "type", null)
  encrypted         = true

  tags = { Name = "${local.name}-index-${each.key}" }
}

resource "aws_volume_attachment" "index" {
  for_each = local.index_volumes

  device_name = each.value.device
  volume_id   = aws_ebs_volume.index[each.key].id
  instance_id = aws_instance.indexer.id
}

# ZooKeeper of the search cluster.
resource "aws_launch_template" "coordinator" {
  name_prefix   = "${local.name}-coordinator-"
  image_id      = data.aws_ssm_parameter.indexer_ami.insecure_value
  instance_type = "t3a.small"

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 20
      volume_type           = "gp3"
      delete_on_termination = true
    }
  }
}

resource "aws_autoscaling_group" "coordinator" {
  name                = "${local.name}-coordinator"
  min_size            = 3
  max_size            = 3
  vpc_zone_identifier = module.network.private_subnet_ids

  launch_template {
    id      = aws_launch_template.coordinator.id
    version = "$Latest"
  }

  dynamic "tag" {
    for_each = { Name = "${local.name}-coordinator", Role = "quorum" }
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

resource "aws_autoscaling_group" "crawler" {
  name                = "${local.name}-crawler"
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = module.network.private_subnet_ids

  launch_template {
    id      = aws_launch_template.coordinator.id
    version = "$Latest"
  }
}
