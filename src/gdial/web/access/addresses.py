"""Where a request comes from, and as much of it as is kept."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from gdial.settings.checks import is_loopback

UNKNOWN = ""
KEPT_BITS = {4: 24, 6: 48}


def client_address(scope: Scope, trusted_proxies: Sequence[str]) -> str:
    """Of the nearest machine that is not a proxy we believe: one on this machine, or of TRUSTED_PROXIES.

    What stands further left in X-Forwarded-For may be anybody's invention.
    """
    client = scope.get("client")
    address = client[0] if client else UNKNOWN
    passed_on = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    for hop in reversed([each.strip() for each in passed_on if each.strip()]):
        if not _is_trusted(address, trusted_proxies):
            break
        if _read(hop) is None:
            break
        address = hop
    return address


def shown_address(address: str) -> str:
    """The network it is in: enough to tell the office from elsewhere, not to follow somebody."""
    read = _read(address)
    if read is None:
        return UNKNOWN
    if read.is_loopback:
        return str(read)
    return str(ipaddress.ip_network(f"{read}/{KEPT_BITS[read.version]}", strict=False))


def _is_trusted(address: str, proxies: Sequence[str]) -> bool:
    read = _read(address)
    return read is not None and (is_loopback(address) or any(read in ipaddress.ip_network(each) for each in proxies))


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        read = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(read, "ipv4_mapped", None) or read
