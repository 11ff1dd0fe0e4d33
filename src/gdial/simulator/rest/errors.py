"""Errors as the vendor's API writes them. Codes: https://www.twilio.com/docs/api/errors"""

from __future__ import annotations

from aiohttp import web

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"


class RestError(Exception):
    """A request that is answered with an error; `http_status` and `code` as the vendor gives them."""

    def __init__(self, http_status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.code = code


def write_error(error: RestError) -> web.Response:
    """The error as JSON."""
    body = {
        "code": error.code,
        "message": str(error),
        "more_info": MORE_INFO.format(code=error.code),
        "status": error.http_status,
    }
    return web.json_response(body, status=error.http_status)


def not_found(path: str) -> RestError:
    """There is nothing at this path."""
    return RestError(404, 20404, f"The requested resource {path} was not found")


def authentication_failed() -> RestError:
    """The account or its token is not the right one."""
    return RestError(401, 20003, "Authenticate")


def too_many_requests() -> RestError:
    """The request was not processed; it is safe to repeat it."""
    return RestError(429, 20429, "Too Many Requests")


def invalid_parameter(name: str, reason: str) -> RestError:
    """A parameter for whose mistakes the vendor has no code of its own."""
    return RestError(400, 20001, f"Invalid parameter '{name}': {reason}")
