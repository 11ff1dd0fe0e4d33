"""Checks of single setting values: text in, the same text in its one form out, `ValueError` saying what is wrong.

No message repeats a value that may hold a password.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS

DATABASE_FORMS = "sqlite:///file or postgresql://user:password@host/database"
# RFC 1123 and no underscore: Twilio refuses host names with one in callback addresses.
HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.IGNORECASE)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ACCOUNT_SID = re.compile(r"AC[0-9a-zA-Z]{4,64}")
TWILIO_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
API_TOKEN_MIN_CHARACTERS = 16


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only mean this machine."""
    if not host:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def without_password(url: str) -> str:
    """The URL with `***` where its password stands, to be shown to people."""
    url = re.sub(r"(://[^/?#:@]*):[^/?#]*@", r"\1:***@", url)
    return re.sub(r"([?&]password=)[^&#]*", r"\1***", url)


def split_list(value: object) -> object:
    """A comma list as a tuple without blanks and repeats; anything but text unchanged."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def host_name(value: str) -> str:
    """A host name or an address, without scheme and port."""
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        pass
    if not HOST_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a host name or an address (no scheme, no port, no wildcard)")
    return value.lower()


def network(value: str) -> str:
    """An address, or a network such as 10.0.0.0/8."""
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError(f"{value!r} is not an address or a network, such as 10.0.0.5 or 172.18.0.0/16") from None


def _split_url(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL (host or port cannot be read)") from None
    return parts


def is_private(host: str | None) -> bool:
    """Whether an address lies on this machine or in a private network, or a host name can only be of one."""
    if is_loopback(host):
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_private
    except ValueError:
        return bool(host) and ("." not in str(host) or str(host).lower().endswith((".internal", ".local", ".lan")))


def web_address(value: str) -> str:
    """An http or https URL that paths can be added to: no user, query or fragment, no slash at the end."""
    parts = _web_address(value)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must begin with https://: plain http is only for this machine (127.0.0.1, localhost)")
    return value.rstrip("/")


def server_address(value: str) -> str:
    """As `web_address`, of a server that needs no key: plain http may go to a private network too."""
    parts = _web_address(value)
    if parts.scheme == "http" and not is_private(parts.hostname):
        raise ValueError("must begin with https://: plain http is only for this machine and private networks")
    return value.rstrip("/")


def _web_address(value: str) -> SplitResult:
    parts = _split_url(value)
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with https:// (or http:// for this machine)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or a password")
    if "?" in value or "#" in value:
        raise ValueError("must not hold a query or a fragment")
    if not parts.hostname:
        raise ValueError("names no host")
    _require_host(parts.hostname)
    return parts


def _require_host(host: str) -> None:
    if "_" in host:
        raise ValueError(f"the host name {host!r} holds an underscore, which carriers refuse")
    host_name(host)


def alert_address(value: str) -> str:
    """An http or https URL of any form: chat services keep their key in the path or the query."""
    parts = _split_url(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a whole URL that begins with https:// or http://")
    return value


def database_address(value: str) -> str:
    """A database URL in its one form; `postgres://` becomes `postgresql://`."""
    scheme, separator, rest = value.partition("://")
    if not separator:
        raise ValueError(f"is not a URL; write {DATABASE_FORMS}")
    if scheme == "sqlite":
        return _sqlite_address(value, rest)
    if scheme not in ("postgresql", "postgres"):
        raise ValueError(f"{scheme + '://'!r} is not supported; write {DATABASE_FORMS}")
    parts = _split_url(value)
    if not parts.hostname or len(parts.path) < 2:
        raise ValueError("names no host or no database")
    return f"postgresql://{rest}"


def _sqlite_address(value: str, rest: str) -> str:
    name = rest.removeprefix("/")
    if not rest.startswith("/") or not name:
        raise ValueError("names no file; write sqlite:///file, or sqlite:////folder/file for an absolute path")
    if ":memory:" in name or "?" in name:
        raise ValueError("must be a plain file: what only lives in memory is lost with the process")
    return value


def broker_address(value: str) -> str:
    """An AMQP URL."""
    parts = _split_url(value)
    if parts.scheme not in ("amqp", "amqps"):
        raise ValueError("must begin with amqp:// or amqps://")
    if not parts.hostname:
        raise ValueError("names no host")
    return value


def account_sid(value: str) -> str:
    """AC and 4 to 64 letters or digits. Twilio's own have 32 hex digits, which is asked for only when Twilio itself
    is the carrier; simulators and carriers with Twilio's API hand out others."""
    if not ACCOUNT_SID.fullmatch(value):
        raise ValueError(f"{value!r} is not AC followed by letters and digits")
    return value


def caller_numbers(value: str) -> str:
    """One or several E.164 numbers, comma between them."""
    numbers = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
    for number in numbers:
        if not E164.fullmatch(number):
            raise ValueError(f"{number!r} is not a number in E.164 form: + and country code, 7 to 15 digits, no spaces")
    return ",".join(numbers)


def token_text(value: str) -> str:
    """A secret that fits into an HTTP header."""
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError("holds a space or a character that is not plain ASCII")
    return value


def api_token(value: str) -> str:
    """A secret nobody can guess."""
    if len(value) < API_TOKEN_MIN_CHARACTERS:
        raise ValueError(f"is shorter than {API_TOKEN_MIN_CHARACTERS} characters")
    return token_text(value)


def region(value: str) -> str:
    """An ISO 3166 country code whose numbering plan is known."""
    if value.upper() not in SUPPORTED_REGIONS:
        raise ValueError(f"{value!r} is not a country code of two letters with a known numbering plan")
    return value.upper()


def timezone_name(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone of the IANA database") from None


def language(value: str) -> str:
    """A BCP 47 language tag."""
    if not LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language tag")
    return value
