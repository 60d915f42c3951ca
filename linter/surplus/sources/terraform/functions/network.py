"""IP network functions. https://developer.hashicorp.com/terraform/language/functions/cidrsubnet

Leading zeros are decimal, as in Terraform. An IPv4 address mapped into IPv6 is unknown: how it is written
differs between versions.
"""

import ipaddress
import re
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.values import EvaluationError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
LEADING_ZEROS = re.compile(r"(?<![0-9A-Fa-f:])0+(?=\d)", re.ASCII)
MAX_EXTENSION = 32
"""Bits by which `cidrsubnets` may extend a prefix; Terraform's own bound."""


def cidrcontains(prefix: str, address: str) -> bool:
    """Whether a network holds an address or another network (OpenTofu)."""
    outer = _network(prefix)
    inner = _network(address) if "/" in address else ipaddress.ip_network(_address(address))
    if outer.version != inner.version:
        raise EvaluationError(f"{prefix} and {address} are not of one address family")
    return inner.network_address in outer and inner.broadcast_address in outer


def cidrhost(prefix: str, number: int) -> Any:
    """The address with a host number in a network; a negative one counts from the end."""
    network = _network(prefix)
    size = network.num_addresses
    if not -size <= number < size:
        raise EvaluationError(f"{prefix} has no host numbered {number}")
    return _written(network.network_address + number % size)


def cidrnetmask(prefix: str) -> str:
    """The netmask of an IPv4 network."""
    network = _network(prefix)
    if network.version != 4:
        raise EvaluationError("an IPv6 network has no netmask")
    return str(network.netmask)


def cidrsubnet(prefix: str, new_bits: int, number: int) -> Any:
    """The subnet with a number, its prefix longer by *new_bits*."""
    network = _network(prefix)
    length = network.prefixlen + new_bits
    if new_bits < 0 or length > network.max_prefixlen:
        raise EvaluationError(f"{prefix} cannot be extended by {new_bits} bits")
    if not 0 <= number < 1 << new_bits:
        raise EvaluationError(f"an extension by {new_bits} bits has no subnet numbered {number}")
    return _subnet(network, number << (network.max_prefixlen - length), length)


def cidrsubnets(prefix: str, *new_bits: int) -> Any:
    """Consecutive subnets, each as near to the one before as its size allows."""
    network = _network(prefix)
    offset = 0
    result = []
    for bits in new_bits:
        length = network.prefixlen + bits
        if not 1 <= bits <= MAX_EXTENSION or length > network.max_prefixlen:
            raise EvaluationError(f"{prefix} cannot be extended by {bits} bits")
        size = 1 << (network.max_prefixlen - length)
        offset = -(-offset // size) * size
        if offset + size > network.num_addresses:
            raise EvaluationError(f"{prefix} has no room left for a subnet with {bits} more bits")
        result.append(_subnet(network, offset, length))
        offset += size
    return result


def _subnet(network: Network, offset: int, length: int) -> Any:
    address = _written(network.network_address + offset)
    return address if isinstance(address, Unknown) else f"{address}/{length}"


def _written(address: Address) -> Any:
    if isinstance(address, ipaddress.IPv6Address) and address in MAPPED:
        return Unknown("how an IPv4 address mapped into IPv6 is written differs between versions", nullable=False)
    return str(address)


def _network(prefix: str) -> Network:
    address, _, length = prefix.partition("/")
    base = _address(address)
    if not re.fullmatch(r"0*\d{1,3}", length, re.ASCII):
        raise EvaluationError(f'"{prefix}" is not an address range in CIDR notation')
    try:
        if isinstance(base, ipaddress.IPv4Address):
            return ipaddress.IPv4Network((int(base), int(length)), strict=False)
        return ipaddress.IPv6Network((int(base), int(length)), strict=False)
    except ValueError:
        raise EvaluationError(f'"{prefix}" is not an address range in CIDR notation') from None


def _address(text: str) -> Address:
    try:
        if "%" in text:
            raise ValueError
        return ipaddress.ip_address(LEADING_ZEROS.sub("", text) if "." in text else text)
    except ValueError:
        raise EvaluationError(f'"{text}" is not an IP address') from None
