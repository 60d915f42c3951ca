from surplus.catalog.machines import bare, machine, machines, newer, smaller


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


def test_every_successor_is_a_machine_of_the_same_shape() -> None:
    old = [name for name in machines() if newer(name, "us-east-1")]
    assert old
    for name in old:
        successor = newer(name, "us-east-1")
        assert successor is not None
        before, after = machines()[name], machine(successor)
        assert after is not None, (name, successor)
        assert after.vcpus >= before.vcpus * 0.5 and after.arch == before.arch, (name, successor)


def test_a_successor_is_sold_in_the_region() -> None:
    anywhere = [name for name in machines() if newer(name, None)]
    assert anywhere
    assert all(newer(name, "us-east-1") for name in anywhere)


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
