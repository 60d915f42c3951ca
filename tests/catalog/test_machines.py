import csv
from importlib.resources import files

import pytest

from surplus.catalog.machines import bare, cloud_of, followers, machine, machines, newer, not_sold, smaller


def test_every_row_reads() -> None:
    assert len(machines()) > 100
    for one in machines().values():
        assert one.vcpus > 0 and one.gib > 0, one
        assert one.arch in ("x86_64", "arm64", "i386", "x86_64_mac", "arm64_mac"), one


def test_what_services_add_to_a_type() -> None:
    assert bare("db.m5.large") == ("m5.large", "db.", "")
    assert bare("cache.r6g.large") == ("r6g.large", "cache.", "")
    assert bare("m5.large.search") == ("m5.large", "", ".search")
    assert bare("m5.large") == ("m5.large", "", "")


def test_machine() -> None:
    found = machine("m5.xlarge")
    assert found is not None
    assert (found.family, found.size, found.vcpus, found.gib, found.arch) == ("m5", "xlarge", 4.0, 16.0, "x86_64")
    assert machine("nothing") is None and machine("") is None


def successors(table: str = "aws_successors.csv") -> list[tuple[str, str, str]]:
    """Type, successor and the regions without it, of every row."""
    text = files("surplus.catalog").joinpath(table).read_text("utf-8")
    return [(row["type"], row["successor"], row["missing_in"]) for row in csv.DictReader(text.splitlines())]


def test_every_successor_is_a_machine_that_has_no_less() -> None:
    rows = successors()
    assert len(rows) > 80
    for old, successor, _ in rows:
        before, after = machines()[old], machines()[successor]
        assert after.vcpus >= before.vcpus and after.gib >= 0.95 * before.gib, (old, successor)
        assert after.arch == before.arch, (old, successor)


def test_every_successor_of_a_node_is_a_machine_of_its_service_that_has_no_less() -> None:
    rows = successors("aws_node_successors.csv")
    assert len(rows) > 40
    for old, successor, _ in rows:
        assert bare(old)[1:] == bare(successor)[1:]
        before, after = machine(old), machine(successor)
        assert before is not None and after is not None
        assert after.vcpus >= before.vcpus and after.gib >= before.gib, (old, successor)
        assert after.burstable == before.burstable or before.family == "t1", (old, successor)
        assert newer(old, "us-east-1"), old


@pytest.mark.parametrize(
    ("type_", "engine", "version", "one"),
    [
        ("cache.m4.large", None, None, "cache.m6g.large"),
        ("cache.m4.large", "redis", "5.0.6", "cache.m6g.large"),
        ("cache.m4.large", "redis", "4.0.10", None),
        ("cache.r4.large", "redis", "4.0.10", "cache.r5.large"),
        ("cache.r4.large", "redis", "6.x", "cache.r6g.large"),
        ("cache.r4.large", "redis", None, "cache.r6g.large"),
        ("cache.t2.micro", "memcached", "1.4.34", None),
        ("cache.t2.micro", "memcached", "1.6.22", "cache.t4g.micro"),
        ("cache.m5.large", "redis", "7.1", None),
        ("m4.large.search", "elasticsearch", "OpenSearch_1.3", "m5.large.search"),
        ("m4.large.search", "elasticsearch", "Elasticsearch_2.3", None),
        ("m4.large.elasticsearch", "elasticsearch", "7.10", "m5.large.elasticsearch"),
        ("m4.large.elasticsearch", "elasticsearch", "1.5", None),
        ("t2.small.search", "elasticsearch", None, None),
    ],
)
def test_newer_nodes(type_: str, engine: str | None, version: str | None, one: str | None) -> None:
    assert newer(type_, "us-east-1", engine, version) == one


def test_newer_reads_every_row() -> None:
    for old in {old for old, _, _ in successors()}:
        assert newer(old, "us-east-1"), old
    assert newer("c1.medium", "us-east-1") is None, "c7a.medium has half its vCPUs"
    assert newer("m7i.large", "us-east-1") is None and newer("nothing", "us-east-1") is None


def test_a_successor_is_sold_in_the_region() -> None:
    assert newer("c4.large", "us-east-1") == "c6a.large"
    assert newer("c4.large", "eu-west-3") == "c5.large", "c6a is not sold there, but the next one is"
    assert newer("c3.large", "us-east-1") == "c7i.large"
    assert newer("c3.large", "cn-north-1") is None, "no successor is sold there"


def test_a_successor_is_sold_everywhere_where_the_region_is_not_known() -> None:
    assert newer("c4.large", None) == "c5.large"
    assert newer("c3.large", None) is None
    everywhere = {old for old, _, missing in successors() if not missing}
    assert {name for name in machines() if newer(name, None)} == everywhere


def test_smaller_goes_down_to_the_smallest_and_ends() -> None:
    for name in machines():
        seen = [name]
        while (following := smaller(seen[-1])) is not None:
            seen.append(following)
            assert len(seen) < 40
        sizes = [machines()[one].vcpus for one in seen]
        assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)


def test_smaller_keeps_what_the_service_adds() -> None:
    assert smaller("db.m5.2xlarge") == "db.m5.xlarge"
    assert smaller("m5.2xlarge.search") == "m5.xlarge.search"


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_every_row_of_every_cloud_reads(cloud: str) -> None:
    assert len(machines(cloud)) > 500
    for one in machines(cloud).values():
        assert one.cloud == cloud == cloud_of(one.name), one
        assert one.vcpus > 0 and one.gib > 0 and one.arch in ("x86_64", "arm64"), one


@pytest.mark.parametrize(
    ("type_", "vcpus", "gib"),
    [
        ("n2-standard-4", 4, 16),
        ("n2-custom-4-8192", 4, 8),
        ("custom-2-4096", 2, 4),
        ("e2-custom-8-16384-ext", 8, 16),
        ("Standard_D4s_v5", 4, 16),
        ("standard_d4s_v5", 4, 16),
        ("kafka.m5.large", 2, 8),
    ],
)
def test_sizes(type_: str, vcpus: float, gib: float) -> None:
    found = machine(type_)
    assert found is not None
    assert (found.vcpus, found.gib) == (vcpus, gib)


def test_custom_types_of_families_nobody_knows() -> None:
    assert machine("zz-custom-4-8192") is None
    assert machine("n2-custom-many") is None


@pytest.mark.parametrize(
    ("type_", "kind", "one"),
    [
        ("m5.large", "arm", "m7g.large"),
        ("m5.large", "amd", "m6a.large"),
        ("m5.large", "flex", "m7i-flex.large"),
        ("db.m5.large", "arm", "db.m7g.large"),
        ("cache.m5.large", "arm", "cache.m6g.large"),
        ("m5.large.search", "arm", "m6g.large.search"),
        ("n1-standard-4", "amd", "n2d-standard-4"),
        ("Standard_D4_v2", "newer", None),
        ("m99.huge", "arm", None),
    ],
)
def test_followers(type_: str, kind: str, one: str | None) -> None:
    found = followers(type_, kind)
    assert (one in found) if one else found == ()


def test_every_follower_is_a_machine_of_the_same_shape_and_another_kind() -> None:
    for name in ("m5.xlarge", "c5.2xlarge", "r5.4xlarge", "n2-standard-8", "e2-standard-4"):
        for kind in ("newer", "amd", "arm", "flex"):
            for follower in followers(name, kind):
                before, after = machine(name), machine(follower)
                assert before is not None and after is not None
                assert after.vcpus == before.vcpus, (name, follower)
                assert (after.arch == "arm64") == (kind == "arm"), (name, follower)


@pytest.mark.parametrize(
    ("type_", "less"),
    [("Standard_D4s_v3", "Standard_D2s_v3"), ("n1-highmem-8", "n1-highmem-4"), ("db.r5.large", None), ("m9", None)],
)
def test_smaller_of_every_cloud(type_: str, less: str | None) -> None:
    assert smaller(type_) == less


def test_regions_that_do_not_sell_a_family() -> None:
    assert not_sold("m7a.large", "sa-east-1")
    assert not not_sold("m5.large", "us-east-1")
    assert not not_sold("nobody.knows", "us-east-1")
