"""What the nodes of a scan cost, and a vCPU, a GiB and a GPU of them."""

import pytest

from surplus.functions.nodes import NodeGroup, Nodes
from surplus.model import Problem
from surplus.pricing.book import GLOBAL, NoPrice, Price, PriceBook
from surplus.pricing.nodes import VCPU_AS_GIB, node_prices, node_regions, nodes_of, with_nodes
from surplus.roots import evaluate_files


def group(type_: str, region: str | None = "us-east-1", cloud: str = "aws", spot: bool | None = False) -> NodeGroup:
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
        [group("m5.large", spot=None)],
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


def to_pods(*groups: NodeGroup, part: str = "vcpu", places: str = "", book: PriceBook | None = None) -> Price | NoPrice:
    """The price to pods that may run on the groups at some places, on all where none are said."""
    places = places or "+".join(str(at) for at in range(len(groups)))
    return with_nodes(book or PriceBook(), Nodes(groups)).price(f"kubernetes/node/{part}/{places}", None)


M6I, R6I = group("m6i.2xlarge"), group("r6i.2xlarge")
SPOT = group("r6i.2xlarge", spot=True)


def test_pods_pay_for_the_nodes_that_they_may_run_on() -> None:
    found = to_pods(M6I, SPOT, places="0")
    assert isinstance(found, Price)
    # $0.384 for 8 vCPU, each as dear as 9.106862 GiB, and 32 GiB
    assert found.usd == pytest.approx(0.384 / (8 * 9.106862 + 32) * 9.106862, rel=1e-5)
    assert (found.key, found.basis) == ("kubernetes/node/vcpu", "nodes of m6i.2xlarge in us-east-1")
    memory = to_pods(M6I, R6I, places="1", part="memory")
    assert isinstance(memory, Price)
    # $0.504 for 8 vCPU and 64 GiB
    assert memory.usd == pytest.approx(0.504 / (8 * 9.106862 + 64), rel=1e-5)
    assert to_pods(M6I, group("m6i.large"), R6I, places="0+1") == to_pods(group("m6i.large"))


@pytest.mark.parametrize(("part", "setting"), [("vcpu", "vcpu_hour"), ("memory", "gib_hour"), ("gpu", "gpu_hour")])
def test_what_spot_nodes_cost_the_policy_may_say(part: str, setting: str) -> None:
    reason = f"its nodes are Spot nodes, whose price varies; a policy may give it: prices.kubernetes.{setting}"
    assert to_pods(SPOT, part=part) == to_pods(M6I, SPOT, part=part, places="1") == NoPrice(reason)
    key = f"kubernetes/node/{part}"
    said = Price(key, GLOBAL, "hour", 0.01, "undated", "the policy")
    assert to_pods(SPOT, part=part, book=PriceBook(overrides={key: {GLOBAL: said}})) == said


@pytest.mark.parametrize(
    ("groups", "places", "why"),
    [
        ((M6I, R6I), "", "it may run on nodes of several prices: m6i.2xlarge, r6i.2xlarge"),
        ((M6I, R6I, group("c5.large")), "0+2", "it may run on nodes of several prices: c5.large, m6i.2xlarge"),
        ((M6I, SPOT), "", "it may run on nodes of several prices: m6i.2xlarge, r6i.2xlarge (Spot)"),
        (
            (M6I, group("m6i.2xlarge", "eu-west-1")),
            "",
            "it may run on nodes of several prices: m6i.2xlarge in eu-west-1, m6i.2xlarge in us-east-1",
        ),
        ((group("m6i.2xlarge", None),), "", "the price of its nodes is not known: m6i.2xlarge"),
        ((group("m6i.2xlarge", spot=None),), "", "the price of its nodes is not known: m6i.2xlarge"),
        ((group(""),), "", "the price of its nodes is not known: pool."),
        ((M6I, SPOT), "none", "none of the nodes of the scan lets it in"),
    ],
)
def test_the_default_says_on_which_nodes_pods_may_run(groups: tuple[NodeGroup, ...], places: str, why: str) -> None:
    found = to_pods(*groups, places=places)
    assert isinstance(found, Price)
    assert (found.usd, found.basis) == (0.031611, f"default, as {why}")


def test_a_gpu_has_no_default() -> None:
    for groups in ((M6I,), (group("g4dn.xlarge"), group("g5.xlarge"))):
        found = to_pods(*groups, part="gpu")
        assert isinstance(found, NoPrice)
        assert "prices.kubernetes.gpu_hour" in found.reason
    assert isinstance(to_pods(M6I, group("g4dn.xlarge"), part="gpu", places="1"), Price)


@pytest.mark.parametrize("key", ["kubernetes/node/vcpu/one", "kubernetes/node/disk/0", "kubernetes/node/vcpu/0+"])
def test_a_key_of_no_groups_has_no_price(key: str) -> None:
    assert isinstance(with_nodes(PriceBook(), Nodes((M6I,))).price(key, None), NoPrice)


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
