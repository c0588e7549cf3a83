"""Which addresses are public."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_common.addresses import is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::200e", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public(address: str) -> None:
    """Ordinary addresses of the internet are public."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2002:a9fe:a9fe::", "64:ff9b:1::a00:1"),
        "2001:0:7f00:1::1",
        *("192.0.0.192", "192.0.0.9", "168.63.129.16", "::ffff:192.0.0.192", "64:ff9b::a83f:8110", "3fff::1"),
    ],
)
def test_not_public(address: str) -> None:
    """Everything private, local, reserved or shared is not, also wrapped in another address."""
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_mapped_is_as_the_plain_one(address: IPv4Address) -> None:
    """An IPv4 address mapped into IPv6 is judged as itself."""
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(address)
