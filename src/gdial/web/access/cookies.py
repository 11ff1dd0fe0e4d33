"""The cookie of a session."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from gdial.runtime import Runtime

NAME: Final = "gdial_session"
LONGEST: Final = 200


def session_token(headers: Headers) -> str:
    """ "" without one."""
    token = cookie_parser("; ".join(headers.getlist("cookie"))).get(NAME, "")
    return token if len(token) <= LONGEST else ""


def give_session(response: Response, rt: Runtime, token: str) -> None:
    """Scripts cannot read it, other sites cannot post with it, and over plain HTTP it is not sent where PUBLIC_URL is
    https. When a session is over the server says, whatever a browser keeps."""
    response.set_cookie(
        NAME,
        token,
        max_age=rt.settings.session_max_hours * 3600,
        path="/",
        secure=_is_secure(rt),
        httponly=True,
        samesite="lax",
    )


def take_session(response: Response, rt: Runtime) -> None:
    response.delete_cookie(NAME, path="/", secure=_is_secure(rt), httponly=True, samesite="lax")


def _is_secure(rt: Runtime) -> bool:
    return rt.public_url.startswith("https://")
