"""Which addresses may be told: those of the open internet, and no machine beside or behind this one.

Sources: the IANA special-purpose registries, as `ipaddress` has them; RFC 4291 (mapped), 3056 (6to4), 4380 (Teredo) and
6052 (NAT64) for addresses inside addresses.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from gdial.errors import InvalidInput

MAX_URL_CHARACTERS = 2000
URL_EXAMPLE = "https://example.org/gdial"

NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
GLOBAL_UNICAST = IPv6Network("2000::/3")
IPV4_CLOSED = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    # Azure's platform address answers every virtual machine there, with its credentials; it looks public.
    IPv4Network("168.63.129.16/32"),
)


class PrivateAddress(OSError):
    """Raised where a socket would be made for an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; False for text that is none."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or any(address in network for network in IPV4_CLOSED)
    return address.is_global and not special


def _is_public_v6(address: IPv6Address) -> bool:
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in NAT64[0]:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    if inside is not None:
        return _is_public_v4(inside)
    special = address.is_multicast or address.teredo is not None or address in NAT64[1]
    return address in GLOBAL_UNICAST and address.is_global and not special


def public_socket(addr_info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
    """A socket for the address that is connected to, after every look-up; what a name said before does not matter.

    Raises PrivateAddress.
    """
    family, kind, protocol, _, address = addr_info
    if not is_public(str(address[0])):
        raise PrivateAddress("the address is private, of this machine or reserved")
    return socket.socket(family, kind, protocol)


def read_url(text: str, *, allow_private: bool) -> str:
    """A URL that can be told. Raises InvalidInput; what a name resolves to is looked at when it is told."""
    url = text.strip()
    problem = _fault(url, allow_private)
    if problem:
        raise InvalidInput(problem, where="url", example=URL_EXAMPLE)
    return url


def _fault(url: str, allow_private: bool) -> str:
    if len(url) > MAX_URL_CHARACTERS:
        return f"is {len(url):,} characters long; at most {MAX_URL_CHARACTERS:,} are allowed"
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds a space or a character that is not plain ASCII (write a name in its xn-- form)"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL (host or port cannot be read)"
    if parts.scheme not in (("https", "http") if allow_private else ("https",)):
        return "must begin with https://" + ("" if allow_private else " (http:// only with WEBHOOK_ALLOW_PRIVATE)")
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "must not hold a user name, a password or a fragment"
    if not host:
        return "names no host"
    return "" if allow_private or _may_be_public(host) else "is an address of this machine or of a private network"


def _may_be_public(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return False
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return is_public(host)
