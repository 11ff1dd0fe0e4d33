"""Nothing of this machine, of the network around it or of the cloud beneath it is ever told."""

from __future__ import annotations

import pytest

from gdial.endpoints.addresses import is_public, read_url
from gdial.errors import InvalidInput

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "100::1", "4000::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "193.10.6.1", "172.32.0.1", "100.128.0.1", "2a00:1450:400f:80d::200e", "2002:101:101::1",
    "64:ff9b::101:101",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "2130706433", "0x7f000001", "127.1", "1.1.1.1.1"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "https"),
        ("ftp://example.org/", "https"),
        ("example.org", "https"),
        ("https://", "no host"),
        ("https://user:word@example.org/", "user name"),
        ("https://example.org/#here", "fragment"),
        ("https://example.org/a b", "space"),
        ("https://exämple.org/", "ASCII"),
        ("https://[::1/", "not a URL"),
        ("https://example.org:99999/", "not a URL"),
        ("https://127.0.0.1/", "private network"),
        ("https://[::1]/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://169.254.169.254/latest/meta-data", "private network"),
        ("https://localhost/", "private network"),
        ("https://LOCALHOST.:8443/", "private network"),
        ("https://example.org/" + "a" * 2000, "2,000"),
    ],
)
def test_an_address_that_cannot_be_told_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        read_url(url, allow_private=False)
    assert caught.value.where == "url"


def test_a_right_address_is_taken() -> None:
    assert read_url(" https://example.org:8443/gdial?key=1 ", allow_private=False) == (
        "https://example.org:8443/gdial?key=1"
    )


def test_private_addresses_are_taken_only_when_allowed() -> None:
    assert read_url("http://127.0.0.1:9000/", allow_private=True) == "http://127.0.0.1:9000/"
