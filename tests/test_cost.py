"""`surplus cost`, `surplus prices` and money in `surplus check`, as a user runs them; without any network."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support import REPOSITORY, here, write

MAIN = """
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { team = "core" }
  }
}

resource "aws_ebs_volume" "data" {
  count             = 2
  tags              = { attached-by = "a" }
  size              = 100
  type              = "gp2"
}

module "web" {
  source = "./web"
}

resource "aws_instance" "odd" {
  ami           = "ami-1"
  instance_type = "m5.lage"
}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}

resource "aws_nobody_knows" "x" {
}
"""
WEB = 'resource "aws_instance" "web" {\n  ami           = "ami-1"\n  instance_type = "m5.large"\n}\n'
FILES = {"main.tf": MAIN, "web/main.tf": WEB}
COST = 730 * 0.096 + 2 * 100 * 0.1


def cost_json(folder: Path, *arguments: str, book: str = "/nowhere") -> dict[str, Any]:
    run = here("cost", ".", "--output-format", "json", *arguments, cwd=folder, SURPLUS_PRICES=book)
    assert run.returncode == 0, run.stderr
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def test_the_table_names_what_is_priced_and_what_is_not(tmp_path: Path) -> None:
    run = here("cost", ".", cwd=write(tmp_path, FILES))
    assert run.returncode == 0
    lines = run.stdout.splitlines()
    assert lines[0] == "$70.08  module.web.aws_instance.web  web/main.tf:1  (1 part not priced)"
    assert lines[1] == "$10.00  aws_ebs_volume.data[0]  main.tf:9"
    assert any(line.startswith(f"total ${COST:,.2f}/mo  6 resources: 3 priced, 1 not priced") for line in lines)
    assert "did you mean aws/ec2/m5.large/linux?" in run.stdout
    assert "1 × there is no cost model for aws_nobody_knows" in run.stdout


def test_json_names_price_date_and_source_of_each_component(tmp_path: Path) -> None:
    document = cost_json(write(tmp_path, FILES))
    assert document["total_monthly_usd"] == pytest.approx(COST)
    assert document["summary"] == {"free": 1, "no-model": 1, "priced": 3, "unpriced": 1}
    by_address = {one["resource"]: one for one in document["resources"]}
    web = by_address["module.web.aws_instance.web"]
    component, root_volume = web["components"]
    assert (root_volume["monthly_usd"], web["unpriced_parts"]) == (None, 1)
    assert component == {
        "name": "instance",
        "quantity": 730.0,
        "unit": "hour",
        "unit_price_usd": 0.096,
        "monthly_usd": 70.08,
        "usage_based": False,
        "price": "aws/ec2/m5.large/linux",
        "region": "us-east-1",
        "basis": None,
        "source": "AWS Price List as carried by karpenter-provider-aws",
        "as_of": "2026-07-20",
        "reason": None,
    }
    assert by_address["aws_instance.odd"]["monthly_usd"] is None
    assert by_address["aws_iam_role.r"]["status"] == "free"


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("type", ["aws_instance", "aws_ebs_volume", "aws_nobody_knows"]),
        ("module", ["module.web", "(root module)"]),
        ("environment", ["(none)"]),
        ("owner", ["core"]),
        ("root", ["."]),
        ("path", ["web/main.tf", "main.tf"]),
    ],
)
def test_groups(tmp_path: Path, by: str, names: list[str]) -> None:
    document = cost_json(write(tmp_path, FILES), "--group-by", by)
    assert [one["name"] for one in document["groups"]] == names
    assert sum(one["monthly_usd"] or 0 for one in document["groups"]) == pytest.approx(COST)
    table = here("cost", ".", "--group-by", by, cwd=tmp_path).stdout
    assert all(name in table for name in names)


def test_a_policy_changes_the_prices(tmp_path: Path) -> None:
    policy = "prices:\n  discounts: {aws: 0.5}\n  overrides: prices.csv\n  usage_file: usage.yaml\n"
    prices = "key,region,unit,usd\naws/ebs/gp2/storage,*,GiB-month,0.01\naws/ebs/gp2/storage,*,hour,1\n"
    files = {**FILES, "surplus.yaml": policy, "prices.csv": prices, "usage.yaml": "aws_nobody.*: {gib: 1}\n"}
    run = here("cost", ".", cwd=write(tmp_path, files))
    assert f"total ${730 * 0.048 + 2:,.2f}/mo" in run.stdout
    assert "problem: prices.csv:3:1: aws/ebs/gp2/storage is sold by the GiB-month, not by the hour" in run.stderr
    assert "problem: usage.yaml:1:1: usage is given for `aws_nobody.*`, which no resource has" in run.stderr
    assert "aws_nobody" not in here("cost", "web", cwd=tmp_path).stderr  # others may have it
    assert "aws_nobody" in here("cost", "web", "--usage-file", "usage.yaml", cwd=tmp_path).stderr
    named = here("cost", "web/main.tf", "--usage-file", "usage.yaml", cwd=tmp_path)
    assert "aws_nobody" not in named.stderr


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("prices: {discounts: {aws: 1.2}}", "surplus.yaml:1:22: `prices.discounts.aws` is 1.2; it must be below 1"),
        ("prices: {discounts: {aws/ec3: 0.1}}", "there is no service `aws/ec3`; did you mean `aws/ecr`?"),
        ("prices: {discounts: {ibm: 0.1}}", "there is no cloud `ibm`; known are aws, azure, gcp"),
        ("prices: {overrides: nowhere.csv}", "nowhere.csv: there is no such file"),
        ("prices: {overrides: ../prices.csv}", "lies outside the scanned tree"),
        ("prices: {currency: EUR}", "unknown key `currency`"),
        ("prices: {usage_file: usage.yaml}", "usage.yaml:1:1: a usage file is one mapping"),
    ],
)
def test_a_policy_that_is_wrong(tmp_path: Path, policy: str, message: str) -> None:
    run = here("cost", ".", cwd=write(tmp_path, {**FILES, "surplus.yaml": policy, "usage.yaml": "[]"}))
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_a_usage_file_on_the_command_line(tmp_path: Path) -> None:
    snapshot = 'resource "aws_ebs_snapshot" "s" {\n  volume_id = "v"\n}\nprovider "aws" {\n  region = "us-east-1"\n}\n'
    write(tmp_path, {"main.tf": snapshot, "u.yaml": "aws_ebs_snapshot: {storage_gib: 100}\n"})
    assert cost_json(tmp_path)["total_monthly_usd"] is None
    assert cost_json(tmp_path, "--usage-file", "u.yaml")["total_monthly_usd"] == pytest.approx(5.0)
    assert cost_json(tmp_path, "--usage-profile", "medium")["total_monthly_usd"] == pytest.approx(2.5)
    assert "that of the profile small" in here("cost", ".", "--usage-profile", "small", cwd=tmp_path).stdout
    run = here("cost", ".", "--usage-file", "nowhere.yaml", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (2, "error: nowhere.yaml: cannot be read: No such file or directory\n")


def test_imported_prices_are_used_from_then_on(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    attributes = {
        "regionCode": "us-east-1", "instanceType": "m5.large", "operatingSystem": "Linux", "tenancy": "Shared",
        "preInstalledSw": "NA", "capacitystatus": "Used",
    }  # fmt: skip
    dimension = {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": "0.1"}}
    offer = {
        "publicationDate": "2026-11-20T00:00:00Z",
        "products": {"S": {"productFamily": "Compute Instance", "attributes": attributes}},
        "terms": {"OnDemand": {"S": {"T": {"priceDimensions": {"D": dimension}}}}},
    }
    write(tmp_path, {"list/ec2.json": json.dumps(offer)})
    book = str(tmp_path / "book")
    run = here("prices", "update", "--from", "list/ec2.json", cwd=tmp_path, SURPLUS_PRICES=book)
    assert run.returncode == 0, run.stderr
    assert "aws/ec2: 1 prices" in run.stdout
    assert cost_json(tmp_path, book=book)["total_monthly_usd"] == pytest.approx(73 + 20)
    assert "imported: 1 prices of 2026-11-20" in here("prices", cwd=tmp_path, SURPLUS_PRICES=book).stdout
    assert cost_json(tmp_path)["total_monthly_usd"] == pytest.approx(COST)


def test_the_book_shows_its_dates_and_coverage(tmp_path: Path) -> None:
    run = here("prices", cwd=tmp_path, SURPLUS_PRICES=str(tmp_path / "none"))
    assert run.returncode == 0
    assert "aws: " in run.stdout
    assert "imported: none" in run.stdout


def test_a_region_without_prices_and_old_prices_are_told_once(tmp_path: Path) -> None:
    text = MAIN.replace('"us-east-1"\n  default', '"mars-north-1"\n  default') + 'resource "aws_kms_key" "k" {\n}\n'
    run = here("check", ".", cwd=write(tmp_path, {"main.tf": text, "web/main.tf": WEB}))
    assert run.stderr.count("the price book has no region mars-north-1") == 1
    old = here("cost", ".", cwd=write(tmp_path, FILES)).stderr
    assert old.count("note: the oldest price used is of 2024-07-01") == 1


def test_small_savings_may_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert "saves $4.00/mo" in here("check", ".", cwd=tmp_path).stdout
    run = here("check", ".", "--min-saving", "5", cwd=tmp_path)
    assert "aws-ebs-gp2-volume" not in run.stdout
    assert here("check", ".", "--min-saving", "-5", cwd=tmp_path).returncode == 2


def test_explain_shows_how_a_price_was_made(tmp_path: Path) -> None:
    run = here("explain", "module.web.aws_instance.web", ".", cwd=write(tmp_path, FILES))
    assert "cost: $70.08/mo" in run.stdout
    assert "  instance: 730 hour × $0.096 = $70.08" in run.stdout
    assert "    aws/ec2/m5.large/linux (us-east-1, 2026-07-20), AWS Price List" in run.stdout
    free = here("explain", "aws_iam_role.r", ".", cwd=tmp_path).stdout
    assert "cost: bills nothing by itself (https://" in free


FORBID = """
import socket, sys
def forbidden(*_, **__):
    raise AssertionError("the network was used")
socket.socket = socket.create_connection = socket.getaddrinfo = forbidden
from surplus.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("command", ["check", "cost"])
def test_prices_and_savings_are_the_same_bytes_every_time_and_need_no_network(command: str) -> None:
    def once(seed: str) -> bytes:
        arguments = [command, "--output-format", "json", "examples"]
        environment = {"PYTHONPATH": "linter", "PYTHONHASHSEED": seed, "PATH": "", "SURPLUS_PRICES": "/nowhere"}
        program = [sys.executable, "-c", FORBID, *arguments]
        done = subprocess.run(program, cwd=REPOSITORY, env=environment, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    assert len({once(seed) for seed in ("0", "1", "2")}) == 1


def test_the_savings_of_the_examples_are_less_than_their_cost() -> None:
    arguments = ("--output-format", "json", "examples")
    found = json.loads(here("check", *arguments, cwd=REPOSITORY, SURPLUS_PRICES="/nowhere").stdout)
    cost = json.loads(here("cost", *arguments, cwd=REPOSITORY, SURPLUS_PRICES="/nowhere").stdout)
    savings = [one["monthly_saving_usd"] for one in found["findings"] if one["monthly_saving_usd"] is not None]
    assert all(saving >= 0 for saving in savings)
    assert 0 < math.fsum(savings) < cost["total_monthly_usd"]
    assert found["summary"]["monthly_saving_usd"] == pytest.approx(math.fsum(savings), abs=0.01)
    for one in found["findings"]:
        basis = one["saving_basis"] or ""
        assert one["monthly_saving_usd"] is not None or basis.startswith("not priced: "), one["rule"]


def test_the_examples_are_priced() -> None:
    document = json.loads(here("cost", "--output-format", "json", "examples", cwd=REPOSITORY).stdout)
    billed = [one for one in document["resources"] if one["status"] != "free"]
    priced = [one for one in billed if one["monthly_usd"] is not None]
    assert len(priced) >= 0.9 * len(billed), sorted(one["resource"] for one in billed if one not in priced)
    assert all(one["reason"] for one in billed if one not in priced)
    for one in priced:
        for part in one["components"]:
            assert part["reason"] or (part["unit_price_usd"] is not None and part["source"] and part["as_of"])


def test_what_is_written_wrongly_is_told_at_its_place(tmp_path: Path) -> None:
    wrong = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_instance" "type" {
  ami           = "a"
  instance_type = "m5.lage"
}
resource "aws_ebs_volume" "size" {
  availability_zone = "us-east-1a"
  size              = -5
}
resource "aws_launch_template" "t" {
  instance_type = "m5.large"
}
resource "aws_autoscaling_group" "g" {
  min_size         = 1
  max_size         = 2
  desired_capacity = 5
  launch_template {
    id = aws_launch_template.t.id
  }
}
resource "aws_kms_key" "fine" {
}
"""
    run = here("cost", ".", cwd=write(tmp_path, {"main.tf": wrong}))
    assert run.returncode == 0
    assert (
        "problem: main.tf:5:1: aws_instance.type: instance: the price book has no aws/ec2/m5.lage/linux" in run.stderr
    )
    assert "problem: main.tf:9:1: aws_ebs_volume.size: storage: -5 is no quantity that can be bought" in run.stderr
    assert "problem: main.tf:16:1: aws_autoscaling_group.g: instance: desired_capacity is above max_size" in run.stderr
    assert "$1.00  aws_kms_key.fine" in run.stdout


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "key,region,unit,usd,as_of,source\nk,r,hour,x,d,s\n", "\xff\xfe"])
def test_a_damaged_table_of_imported_prices_is_told(tmp_path: Path, content: str) -> None:
    write(tmp_path, FILES)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "aws.csv").write_bytes(content.encode("latin-1"))
    for command in ("cost", "prices"):
        arguments = [command, "."] if command == "cost" else [command]
        run = here(*arguments, cwd=tmp_path, SURPLUS_PRICES=str(tmp_path / "book"))
        assert run.returncode == 2
        assert "the table of imported prices is damaged; remove it" in run.stderr


def test_workloads_on_nodes_of_the_scan_are_counted_once(tmp_path: Path) -> None:
    nodes = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_eks_node_group" "n" {
  cluster_name   = "c"
  node_role_arn  = "arn"
  subnet_ids     = ["s"]
  instance_types = ["m5.large"]
  scaling_config {
    desired_size = 2
    max_size     = 2
    min_size     = 2
  }
}
"""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
    pod += "    - {name: a, resources: {requests: {cpu: 2, memory: 8Gi}}}\n"
    document = cost_json(write(tmp_path, {"main.tf": nodes, "pod.yaml": pod}))
    assert document["total_monthly_usd"] == pytest.approx(2 * 730 * 0.096)
    assert document["on_counted_nodes_usd"] == pytest.approx(730 * 0.096, rel=1e-4)
    assert "workloads take $70.08/mo of nodes that are counted" in here("cost", ".", cwd=tmp_path).stdout


def test_a_region_of_a_policy_must_exist(tmp_path: Path) -> None:
    files = {**FILES, "surplus.yaml": "prices: {regions: {aws: eu-wst-1}}"}
    run = here("check", ".", cwd=write(tmp_path, files))
    assert run.returncode == 2
    assert "surplus.yaml:1:20: there is no region `eu-wst-1`; did you mean `eu-west-1`?" in run.stderr


def test_overrides_are_spelt_as_resources_are(tmp_path: Path) -> None:
    rows = "key,region,unit,usd,as_of\nazure/vm/standard_d2s_v5,East US,hour,0.05,\naws/kms/key,eu-wst-1,month,1,\n"
    vm = """
resource "azurerm_linux_virtual_machine" "v" {
  location = "eastus"
  size     = "Standard_D2s_v5"
}
"""
    files = {
        "main.tf": vm,
        "surplus.yaml": "prices: {overrides: p.csv}",
        "p.csv": rows + "aws/kms/key,,month,1,2026-13-45\n",
    }
    run = here("cost", ".", cwd=write(tmp_path, files))
    assert "$36.50  azurerm_linux_virtual_machine.v" in run.stdout
    assert "p.csv:3:1: there is no region eu-wst-1; did you mean eu-west-1?" in run.stderr
    assert "p.csv:4:1: `2026-13-45` is no date such as 2026-07-20" in run.stderr


@pytest.mark.parametrize(("desired", "taken"), [("var.n", 0.0), ("0", 0.0), ("1", 70.08)])
def test_workloads_count_where_their_nodes_do_not(tmp_path: Path, desired: str, taken: float) -> None:
    nodes = f"""
provider "aws" {{
  region = "us-east-1"
}}
variable "n" {{
  type = number
}}
resource "aws_eks_node_group" "n" {{
  cluster_name   = "c"
  node_role_arn  = "arn"
  subnet_ids     = ["s"]
  instance_types = ["m5.large"]
  scaling_config {{
    desired_size = {desired}
    max_size     = 9
    min_size     = 0
  }}
}}
"""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
    pod += "    - {name: a, resources: {requests: {cpu: 2, memory: 8Gi}}}\n"
    document = cost_json(write(tmp_path, {"main.tf": nodes, "pod.yaml": pod}))
    assert document["total_monthly_usd"] == pytest.approx(70.08, rel=1e-4)
    assert document["on_counted_nodes_usd"] == pytest.approx(taken, rel=1e-4)
    printed = here("cost", ".", cwd=tmp_path).stdout
    assert ("of nodes that are counted" in printed) == (taken > 0)


def test_what_the_book_lacks_is_not_the_users_mistake(tmp_path: Path) -> None:
    right = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_docdb_cluster_instance" "d" {
  cluster_identifier = "c"
  instance_class     = "db.r5.large"
}
resource "aws_mq_broker" "m" {
  broker_name        = "m"
  engine_type        = "ActiveMQ"
  engine_version     = "5.18"
  host_instance_type = "mq.t3.micro"
}
"""
    run = here("cost", ".", cwd=write(tmp_path, {"main.tf": right}))
    assert "problem" not in run.stderr
    assert "the price book has no aws/docdb/db.r5.large" in run.stdout
