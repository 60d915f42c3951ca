import pytest

from terraform_roots import evaluated

ADDRESS = 'resource "aws_eip" "a" {}\n'


def mentioned(more: str, **files: str) -> bool:
    found = evaluated({"main.tf": ADDRESS + more, **{f"{name}/main.tf": text for name, text in files.items()}})
    return found.mentioned(found.by_address["aws_eip.a"])


@pytest.mark.parametrize(
    "more",
    [
        'resource "x_y" "b" {\n  ip = aws_eip.a.public_ip\n}\n',
        'resource "x_y" "b" {\n  depends_on = [aws_eip.a]\n}\n',
        'resource "x_y" "b" {\n  count = aws_eip.a.public_ip == "" ? 0 : 1\n}\n',
        'resource "x_y" "b" {\n  connection {\n    host = aws_eip.a.public_ip\n  }\n}\n',
        'resource "x_y" "b" {\n  provisioner "local-exec" {\n    command = "attach ${aws_eip.a.id}"\n  }\n}\n',
        'provider "kubernetes" {\n  host = aws_eip.a.public_ip\n}\n',
        'data "x_y" "b" {\n  ip = aws_eip.a.public_ip\n}\n',
        'check "up" {\n  assert {\n    condition = aws_eip.a.public_ip != ""\n    error_message = "down"\n  }\n}\n',
        "locals {\n  ip = aws_eip.a.public_ip\n}\n",
    ],
)
def test_any_mention_counts(more: str) -> None:
    assert mentioned(more)


@pytest.mark.parametrize(
    "more",
    [
        "",
        'output "ip" {\n  value = aws_eip.a.public_ip\n}\n',
        'resource "aws_eip" "b" {}\n',
        'import {\n  to = aws_eip.a\n  id = "eipalloc-1"\n}\n',
        "moved {\n  from = aws_eip.old\n  to = aws_eip.a\n}\n",
    ],
)
def test_an_output_is_no_use_and_a_block_does_not_mention_itself(more: str) -> None:
    assert not mentioned(more)


def test_a_modules_output_is_a_use_where_the_module_is_mentioned() -> None:
    module = ADDRESS + 'output "ip" {\n  value = aws_eip.a.public_ip\n}\n'
    call = 'module "m" {\n  source = "./m"\n}\n'
    used = evaluated({"main.tf": call + "locals {\n  ip = module.m.ip\n}\n", "m/main.tf": module})
    unused = evaluated({"main.tf": call, "m/main.tf": module})
    assert used.mentioned(used.by_address["module.m.aws_eip.a"])
    assert not unused.mentioned(unused.by_address["module.m.aws_eip.a"])


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('resource "aws_instance" "i" {\n  ami = local.ami\n}\n', "local.ami"),
        ('resource "aws_instance" "i" {\n  ami = data.aws_ami.a.id\n}\n', "data.aws_ami.a"),
        ('resource "aws_instance" "i" {\n  ami = module.m.ami\n}\n', "module.m"),
        ('resource "aws_instance" "i" {\n  subnet_id = aws_subnet.b.id\n}\n', "aws_subnet.b"),
    ],
)
def test_a_root_that_names_what_it_does_not_declare_is_not_all_there(more: str, what: str) -> None:
    found = evaluated({"main.tf": ADDRESS + more})
    reason = found.open_because(found.by_address["aws_eip.a"])
    assert reason == f"{what} is not declared: files that are not here may refer to it"


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_instance" "i" {\n  ami = var.ami\n}\n',
        'resource "x_y" "b" {\n  v = [for one in aws_eip.a[*] : one.id]\n}\n',
        'resource "x_y" "b" {\n  dynamic "rule" {\n    for_each = [1]\n'
        "    content {\n      v = rule.value\n    }\n  }\n}\n",
        "moved {\n  from = aws_eip.old\n  to = aws_eip.a\n}\n",
        'check "c" {\n  data "http" "h" {\n    url = "x"\n  }\n'
        '  assert {\n    condition = data.http.h.status_code == 200\n    error_message = "no"\n  }\n}\n',
    ],
)
def test_nothing_is_missing(more: str) -> None:
    found = evaluated({"main.tf": ADDRESS + more})
    assert found.open_because(found.by_address["aws_eip.a"]) is None


def test_the_arguments_of_the_data_source_that_an_attribute_is_read_from() -> None:
    text = (
        'data "aws_ami" "a" {\n  owners = ["self"]\n  filter {\n    name = "x"\n  }\n}\n'
        'resource "aws_instance" "a" {\n  ami = data.aws_ami.a.id\n}\n'
        'resource "aws_instance" "b" {\n  ami = "ami-1"\n}\n'
        'resource "aws_instance" "c" {\n  ami = (data.aws_ami.a.block_device_mappings[0].ebs.id)\n}\n'
        'resource "aws_instance" "d" {\n  ami = data.aws_ami.none.id\n}\n'
    )
    found = evaluated(text)
    read = {name: found.read_from(found.by_address[f"aws_instance.{name}"], "ami") for name in "abcd"}
    assert read["a"] == read["c"] == {"owners": ["self"], "filter": [{"name": "x"}]}
    assert read["b"] is read["d"] is None


def test_a_sensitive_tag_is_sensitive_in_tags_all_too() -> None:
    text = (
        'variable "secret" {\n  sensitive = true\n  default = "s"\n}\n'
        'provider "aws" {\n  default_tags {\n    tags = { a = var.secret }\n  }\n}\n'
        'resource "aws_s3_bucket" "a" {}\n'
    )
    assert ("tags_all",) in evaluated(text).by_address["aws_s3_bucket.a"].sensitive
    variable = 'variable "s" {\n  sensitive = true\n  default = "s"\n}\n'
    own = variable + 'resource "aws_s3_bucket" "a" {\n  tags = {a = var.s}\n}\n'
    assert ("tags_all",) in evaluated(own).by_address["aws_s3_bucket.a"].sensitive
