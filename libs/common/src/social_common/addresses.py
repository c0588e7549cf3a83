"""Whether an IP address is one that anybody on the internet could reach, seen through addresses that wrap others."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

# Both carry an IPv4 address in their last 32 bits, and a gateway may lead there.
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE: Final = IPv6Network("::/96")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Global unicast, and so is every IPv4 address that an IPv6 one wraps."""
    if not _is_global_unicast(address):
        return False
    return isinstance(address, IPv4Address) or all(_is_global_unicast(inner) for inner in _wrapped(address))


def _is_global_unicast(address: IPv4Address | IPv6Address) -> bool:
    refused = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    if isinstance(address, IPv6Address) and (address.is_site_local or address.ipv4_mapped is not None):
        # A mapped address is judged by what it maps to; Python's own verdict on it changed between releases.
        return address.ipv4_mapped is not None and is_public(address.ipv4_mapped)
    return address.is_global and not refused and not address.is_private


def _wrapped(address: IPv6Address) -> list[IPv4Address]:
    inner = []
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in _V4_COMPATIBLE or any(address in network for network in _NAT64):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return inner
