import ipaddress
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.network import cidrhost, cidrnetmask, cidrsubnet, cidrsubnets
from surplus.sources.terraform.values import EvaluationError

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("cidrhost", ["10.12.112.0/20", 16], "10.12.112.16"),
    ("cidrhost", ["10.12.112.0/20", 268], "10.12.113.12"),
    ("cidrhost", ["10.12.112.0/20", -1], "10.12.127.255"),
    ("cidrhost", ["fd00:fd12:3456:7890:00a2::/72", 34], "fd00:fd12:3456:7890::22"),
    ("cidrhost", ["10.0.0.0/24", -256], "10.0.0.0"),
    ("cidrhost", ["10.0.0.5/24", 1], "10.0.0.1"),
    ("cidrhost", ["010.0.0.0/08", 1], "10.0.0.1"),
    ("cidrhost", ["::/0", 2**128 - 1], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("cidrhost", ["10.0.0.0/32", 0], "10.0.0.0"),
    ("cidrhost", ["10.0.0.0/0", -1], "255.255.255.255"),
    ("cidrnetmask", ["172.16.0.0/12"], "255.240.0.0"),
    ("cidrnetmask", ["10.0.0.0/0"], "0.0.0.0"),
    ("cidrsubnet", ["172.16.0.0/12", 4, 2], "172.18.0.0/16"),
    ("cidrsubnet", ["10.1.2.0/24", 4, 15], "10.1.2.240/28"),
    ("cidrsubnet", ["fd00:fd12:3456:7890::/56", 16, 162], "fd00:fd12:3456:7800:a200::/72"),
    ("cidrsubnet", ["::/0", 128, 2**128 - 1], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
    ("cidrsubnet", ["10.0.0.7/24", 8, 3], "10.0.0.3/32"),
    ("cidrsubnet", ["010.001.0.0/16", 8, 1], "10.1.1.0/24"),
    ("cidrsubnet", ["10.0.0.0/8", 0, 0], "10.0.0.0/8"),
    ("cidrsubnet", ["fd00::/8", 33, 1], "fd00:0:80::/41"),
    ("cidrsubnet", ["1:0:0:2::/64", 8, 1], "1:0:0:2:100::/72"),
    (
        "cidrsubnets",
        ["10.1.0.0/16", 4, 4, 8, 4],
        ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"],
    ),
    (
        "cidrsubnets",
        ["fd00:fd12:3456:7890::/56", 16, 16, 16, 32],
        [
            "fd00:fd12:3456:7800::/72",
            "fd00:fd12:3456:7800:100::/72",
            "fd00:fd12:3456:7800:200::/72",
            "fd00:fd12:3456:7800:300::/88",
        ],
    ),
    ("cidrsubnets", ["10.1.0.0/16", 8, 1], ["10.1.0.0/24", "10.1.128.0/17"]),
    ("cidrsubnets", ["10.1.0.0/16"], []),
]

OPENTOFU_EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("cidrcontains", ["192.168.2.0/20", "192.168.2.1"], True),
    ("cidrcontains", ["192.168.2.0/20", "192.168.2.0/22"], True),
    ("cidrcontains", ["192.168.2.0/20", "192.126.2.1"], False),
    ("cidrcontains", ["fe80::/48", "fe80::1"], True),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("cidrhost", ["10.0.0.0/24", 256]),
    ("cidrhost", ["10.0.0.0/24", -257]),
    ("cidrhost", ["10.0.0.0/33", 1]),
    ("cidrhost", ["10.0.0.0/24", 1.5]),
    ("cidrhost", ["10.0.0.0", 1]),
    ("cidrhost", ["fe80::%eth0/64", 0]),
    ("cidrhost", ["10.0.0/24", 0]),
    ("cidrnetmask", ["fd00::/8"]),
    ("cidrnetmask", ["x"]),
    ("cidrsubnet", ["10.1.2.0/24", 4, 16]),
    ("cidrsubnet", ["10.1.2.0/24", 9, 1]),
    ("cidrsubnet", ["10.0.0.0/8", 1.5, 1]),
    ("cidrsubnet", ["10.0.0.0/8", 8, 10**20]),
    ("cidrsubnet", ["10.0.0.0/8", 10**20, 0]),
    ("cidrsubnets", ["10.1.0.0/16", 1, 1, 1]),
    ("cidrsubnets", ["10.1.0.0/16", 0]),
    ("cidrsubnets", ["10.1.0.0/16", 17]),
    ("cidrsubnets", ["fd00::/8", 33]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES + OPENTOFU_EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


@pytest.mark.parametrize("args", [["10.1.2.0/24", -1, 0], ["10.1.2.0/24", 4, -1]])
def test_what_is_undocumented_and_wraps_there_is_an_error(run: Any, args: list[Any]) -> None:
    with pytest.raises(EvaluationError):
        run("cidrsubnet", *args)


def test_families_are_not_mixed(run: Any) -> None:
    with pytest.raises(EvaluationError, match="family"):
        run("cidrcontains", "10.0.0.0/8", "fe80::1")


def test_unknowns(run: Any) -> None:
    assert run("cidrsubnet", Unknown("r"), 8, 1) == Unknown("r", nullable=False)
    assert isinstance(run("cidrhost", "::ffff:10.0.0.0/104", 0), Unknown)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 8), st.data())
def test_cidrsubnet_as_ipaddress(address: int, length: int, bits: int, data: st.DataObject) -> None:
    network = ipaddress.IPv4Network((address, length), strict=False)
    bits = min(bits, 32 - length)
    number = data.draw(st.integers(0, 2**bits - 1))
    expected = list(network.subnets(prefixlen_diff=bits))[number]
    assert cidrsubnet(str(network), bits, number) == str(expected)
    assert cidrnetmask(str(network)) == str(network.netmask)


@given(st.integers(0, 2**128 - 1), st.integers(0, 128), st.data())
def test_cidrhost_as_ipaddress(address: int, length: int, data: st.DataObject) -> None:
    network = ipaddress.IPv6Network((address, length), strict=False)
    number = data.draw(st.integers(0, network.num_addresses - 1))
    result = cidrhost(str(network), number)
    assert isinstance(result, Unknown) or ipaddress.IPv6Address(result) == network[number]


@given(st.lists(st.integers(1, 10), max_size=6))
def test_cidrsubnets_never_overlap(bits: list[int]) -> None:
    try:
        subnets = [ipaddress.ip_network(text) for text in cidrsubnets("10.0.0.0/16", *bits)]
    except EvaluationError:
        return
    assert [subnet.prefixlen - 16 for subnet in subnets] == bits
    assert all(int(one.broadcast_address) < int(other.network_address) for one, other in itertools.pairwise(subnets))
