"""What the nodes of a scan cost, and a vCPU, a GiB and a GPU of them."""

import pytest

from surplus.functions.nodes import NodeGroup, Nodes
from surplus.model import Problem
from surplus.pricing.book import GLOBAL, Price, PriceBook
from surplus.pricing.nodes import VCPU_AS_GIB, node_prices, node_regions, nodes_of, with_nodes
from surplus.roots import evaluate_files


def group(type_: str, region: str | None = "us-east-1", cloud: str = "aws", spot: bool = False) -> NodeGroup:
    return NodeGroup(f"pool.{type_}", cloud, (type_,) if type_ else (), region, 1.0, spot=spot)


def test_the_parts_of_a_machine_add_up_to_its_price() -> None:
    found = node_prices([group("m5.xlarge")], PriceBook())
    vcpu, memory = (found[f"kubernetes/node/{part}"]["global"] for part in ("vcpu", "memory"))
    assert 4 * vcpu.usd + 16 * memory.usd == pytest.approx(0.192, rel=1e-4)
    assert vcpu.usd / memory.usd == pytest.approx(VCPU_AS_GIB, rel=1e-4)
    assert vcpu.basis == "nodes of m5.xlarge in us-east-1"


def test_google_prices_the_parts_itself() -> None:
    pool = group("n2-standard-4", "us-central1", "gcp")
    assert node_prices([pool], PriceBook())["kubernetes/node/vcpu"]["global"].usd == 0.031611
    assert node_regions([pool]) == {"gcp": "us-central1"}


@pytest.mark.parametrize(("type_", "usd", "gpus"), [("g4dn.xlarge", 0.526, 1), ("g4dn.12xlarge", 3.912, 4)])
def test_gpus_cost_what_the_rest_of_their_machine_leaves(type_: str, usd: float, gpus: int) -> None:
    found = {key: rows[GLOBAL] for key, rows in node_prices([group(type_)], PriceBook()).items()}
    vcpu, memory, gpu = (found[f"kubernetes/node/{part}"] for part in ("vcpu", "memory", "gpu"))
    vcpus, gib = {"g4dn.xlarge": (4, 16), "g4dn.12xlarge": (48, 192)}[type_]
    assert (vcpu.usd, memory.usd, gpu.unit) == (0.031611, 0.004237, "GPU-hour")
    assert gpus * gpu.usd == pytest.approx(usd - vcpus * vcpu.usd - gib * memory.usd, rel=1e-4)


@pytest.mark.parametrize(
    "several",
    [
        [],
        [group("m5.large"), group("r5.large")],
        [group("m5.large"), group("g4dn.xlarge")],
        [group("m5.large"), group("")],
        [group("m5.large", spot=True)],
        [group("p3.2xlarge")],
        [group("m5.lage")],
        [group("m5.large", None)],
    ],
)
def test_nothing_is_told_where_nodes_differ_or_are_not_known(several: list[NodeGroup]) -> None:
    assert node_prices(several, PriceBook()) == {}


def test_sizes_of_one_family_cost_the_same_a_part() -> None:
    assert node_prices([group("m5.large"), group("m5.4xlarge")], PriceBook())
    assert node_regions([group("m5.large"), group("m5.large", "eu-west-1")]) == {}


def vcpu_of(book: PriceBook) -> Price:
    found = book.price("kubernetes/node/vcpu", None)
    assert isinstance(found, Price)
    return found


def test_the_default_says_why_it_is_taken() -> None:
    differ = Nodes((group("m5.large"), group("r5.large")))
    found = vcpu_of(with_nodes(PriceBook(), differ))
    assert (found.usd, found.source) == (0.031611, "KGCP:n2 in us-central1")
    assert found.basis == "default, as the nodes of the scan have no one price: m5.large, r5.large"
    assert vcpu_of(with_nodes(PriceBook(), Nodes())).basis == "default, as the scan has no nodes with a price"
    said = Price("kubernetes/node/vcpu", GLOBAL, "vCPU-hour", 0.05, "undated", "the policy")
    book = PriceBook(overrides={"kubernetes/node/vcpu": {GLOBAL: said}})
    assert vcpu_of(with_nodes(book, Nodes((group("m5.large"),)))) == said


def test_looking_prices_up_is_not_using_them() -> None:
    book = PriceBook()
    made = with_nodes(book, Nodes((group("m5.large"),)))
    assert not book.dates
    vcpu_of(made)
    assert book.dates == made.dates != set()


EKS = """
resource "aws_eks_node_group" "a" {
  cluster_name   = "main"
  instance_types = ["m5.large"]
  scaling_config {
    desired_size = 3
  }
}
"""


def test_the_record_of_a_scan() -> None:
    roots = evaluate_files({"main.tf": EKS}, None)
    assert nodes_of(roots, PriceBook()).record() == {
        "type": "m5.large",
        "vcpus": 2.0,
        "gib": 8.0,
        "gpus": 0.0,
        "count": 3.0,
        "hour": 0.096,
    }
    assert nodes_of(roots, PriceBook(), 5.0).number() == 5.0
    both = evaluate_files({"main.tf": EKS + EKS.replace('"a"', '"b"').replace("m5.large", "m5.xlarge")}, None)
    assert (nodes_of(both, PriceBook()).hour, nodes_of(both, PriceBook()).number()) == (None, 6.0)


def test_the_cloud_is_that_of_the_nodes_else_that_of_the_policy() -> None:
    roots = evaluate_files({"main.tf": EKS}, None)
    assert nodes_of(roots, PriceBook(), regions=["gcp"]).cloud == "aws"
    assert nodes_of([], PriceBook(), regions=["gcp"]).cloud == "gcp"
    assert nodes_of([], PriceBook(), regions=["gcp", "aws"]).cloud is None
    assert nodes_of([], PriceBook()).cloud is None


def test_a_module_that_is_not_here_may_start_nodes() -> None:
    module = 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n}\n'
    roots = evaluate_files({"main.tf": EKS + module}, None)
    assert any(isinstance(one, Problem) and one.note for root in roots for one in root.problems)
    assert nodes_of(roots, PriceBook()).number() is None
