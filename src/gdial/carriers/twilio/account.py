"""The account GDial calls with, checked when it is named rather than when the first call fails."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from gdial.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class Account:
    """SID, token and where the API is. The token is in no `repr`.

    Raises `InvalidSetting` for values no Twilio account can have.
    """

    sid: str
    token: str = field(repr=False)
    api_base: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{2,64}", self.sid):
            raise InvalidSetting("not an account SID", where="TWILIO_ACCOUNT_SID", example="AC" + "0" * 32)
        if not re.fullmatch(r"[!-~]{1,256}", self.token):
            reason = "empty, or with characters no token has"
            raise InvalidSetting(reason, where="TWILIO_AUTH_TOKEN", example="32 letters and digits")
        if not _is_safe_base(self.api_base):
            reason = "must be an https address (plain http only to this machine: it carries the credentials)"
            raise InvalidSetting(reason, where="TWILIO_API_BASE", example="https://api.twilio.com")

    @property
    def credentials(self) -> str:
        """What follows `Basic ` in the header of every request."""
        return b64encode(f"{self.sid}:{self.token}".encode()).decode()

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.sid}"


def _is_safe_base(api_base: str) -> bool:
    try:
        parts = urlsplit(api_base)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
