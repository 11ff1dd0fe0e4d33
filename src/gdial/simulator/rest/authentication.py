"""Who is asking: HTTP Basic, with the account SID as user and the auth token as password."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from aiohttp import web

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.rest.errors import authentication_failed


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account of the path, and the token that the request carried: callbacks are signed with it."""

    account: str
    token: str


def authenticate(request: web.Request, options: SimulatorOptions) -> Credentials:
    """The credentials of a request; raises the 401 of the vendor.

    Any account and token are right unless the options demand certain ones; none at all is always wrong.
    """
    login, token = _read_basic(request.headers.get("Authorization", ""))
    account = request.match_info["account"]
    if options.account is not None and {account, login} != {options.account}:
        raise authentication_failed()
    if options.token is not None and not hmac.compare_digest(options.token.encode(), token.encode()):
        raise authentication_failed()
    return Credentials(account, token)


def _read_basic(header: str) -> tuple[str, str]:
    scheme, _, coded = header.partition(" ")
    try:
        login, colon, token = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise authentication_failed() from error
    if scheme.lower() != "basic" or not colon:
        raise authentication_failed()
    return login, token
