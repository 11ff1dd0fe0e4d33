"""Where a request comes from, and what is kept of it."""

from __future__ import annotations

import pytest

from gdial.web.access.addresses import client_address, shown_address

PROXIES = ("10.0.0.5/32", "172.18.0.0/16")


@pytest.mark.parametrize(
    ("peer", "passed_on", "address"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.9"], "192.0.2.7"),
        ("127.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("::1", ["2001:db8::9"], "2001:db8::9"),
        ("127.0.0.1", ["203.0.113.1, 198.51.100.9"], "198.51.100.9"),
        ("127.0.0.1", ["203.0.113.1", "198.51.100.9"], "198.51.100.9"),
        ("127.0.0.1", ["203.0.113.1, 10.0.0.5"], "203.0.113.1"),
        ("172.18.0.3", ["198.51.100.9"], "198.51.100.9"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", [" , "], "127.0.0.1"),
    ],
)
def test_only_proxies_that_are_believed_tell_from_where(peer: str, passed_on: list[str], address: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in passed_on]
    assert client_address({"type": "http", "client": (peer, 1), "headers": headers}, PROXIES) == address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_of_an_address_its_network_is_kept(address: str, shown: str) -> None:
    assert shown_address(address) == shown
