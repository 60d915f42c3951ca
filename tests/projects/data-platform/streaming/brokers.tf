# Kafka, until the move to a managed service.
resource "aws_instance" "broker" {
  for_each = local.brokers

  ami               = data.aws_ssm_parameter.ami.insecure_value
  instance_type     = "m5.large"
  availability_zone = each.value

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }

  tags = merge(local.tags, { Name = "${local.name}-broker-${each.key}", Backup = "daily" })
}

resource "aws_ebs_volume" "broker" {
  for_each = local.brokers

  availability_zone = each.value
  size              = 1500
  type              = "gp3"
  iops              = 12000
  throughput        = 1000
  encrypted         = true

  tags = merge(local.tags, { Name = "${local.name}-broker-${each.key}" })
}

resource "aws_volume_attachment" "broker" {
  for_each = local.brokers

  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.broker[each.key].id
  instance_id = aws_instance.broker[each.key].id
}

resource "aws_ebs_volume" "zookeeper" {
  for_each = local.brokers

  availability_zone = each.value
  size              = 50
  type              = "io1"
  iops              = 2500

  tags = merge(local.tags, { Name = "${local.name}-zookeeper-${each.key}" })
}

resource "aws_volume_attachment" "zookeeper" {
  for_each = local.brokers

  device_name = "/dev/sdg"
  volume_id   = aws_ebs_volume.zookeeper[each.key].id
  instance_id = aws_instance.broker[each.key].id
}

# Both mirror nodes write to it.
resource "aws_ebs_volume" "mirror" {
  availability_zone    = "us-east-1a"
  size                 = 100
  type                 = "io2"
  iops                 = 5000
  multi_attach_enabled = true

  tags = merge(local.tags, { Name = "${local.name}-mirror" })
}

resource "aws_volume_attachment" "mirror" {
  for_each = { north = "north", south = "south" }

  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.mirror.id
  instance_id = aws_instance.collector[each.value].id
}

resource "aws_ebs_volume" "dumps" {
  availability_zone = "us-east-1a"
  size              = 500
  type              = "standard"

  tags = merge(local.tags, { Name = "${local.name}-dumps" })
}

resource "aws_volume_attachment" "dumps" {
  device_name = "/dev/sdi"
  volume_id   = aws_ebs_volume.dumps.id
  instance_id = aws_instance.relay.id
}

resource "aws_ebs_volume" "replay" {
  availability_zone = "us-east-1b"
  size              = 800
  type              = "gp3"

  tags = merge(local.tags, { Name = "${local.name}-replay-2023" })
}

resource "aws_ebs_volume" "spare" {
  availability_zone = "us-east-1a"
  size              = 1500
  type              = "gp3"

  tags = merge(local.tags, { Name = "${local.name}-spare" })
}

# The runbook attaches it when a broker's volume is lost.
output "spare_volume_id" {
  description = "An empty volume for a broker that lost its own."
  value       = aws_ebs_volume.spare.id
}

# Old readings for the researchers: read from end to end, once a quarter.
resource "aws_ebs_volume" "archive" {
  availability_zone = "us-east-1a"
  size              = 6000
  type              = "gp2"

  tags = merge(local.tags, { Name = "${local.name}-archive" })
}

resource "aws_volume_attachment" "archive" {
  device_name = "/dev/sdj"
  volume_id   = aws_ebs_volume.archive.id
  instance_id = aws_instance.collector["south"].id
}
