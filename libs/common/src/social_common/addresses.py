"""Whether an IP address is one that anybody on the internet could reach, seen through addresses that carry others."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

# A gateway turns these into the IPv4 address in their last 32 bits; networks without IPv4 of their own live by it.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# What older tables of the standard library call global: protocol assignments, in which one cloud keeps its metadata
# service, the host that another cloud shows to its machines under a public number, and addresses for documents.
_NOT_FOR_ALL: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Global unicast; an IPv6 address that leads to an IPv4 one is judged by that."""
    carried = _carried(address) if isinstance(address, IPv6Address) else None
    if carried is not None:
        return is_public(carried)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    if any(address in network for network in _NOT_FOR_ALL):
        return False
    # is_global alone would let through multicast, and reserved blocks that no register lists as private.
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_private)


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
