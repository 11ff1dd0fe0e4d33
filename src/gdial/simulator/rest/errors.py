"""Errors as the vendor's API writes them. Codes: https://www.twilio.com/docs/api/errors"""

from __future__ import annotations

from aiohttp import web

REFUSALS = {
    10001: (401, "Account is not active"),
    10002: (400, "Trial account does not support this feature"),
    10004: (400, "Call concurrency limit exceeded"),
    10005: (400, "Voice calling has been disabled for this account"),
    13227: (400, "Geo permission configuration is not permitting call"),
    20003: (401, "Authenticate"),
    20005: (401, "Account not active"),
    21203: (400, "International calling not enabled"),
    21210: (400, "The source phone number provided is not yet verified for your account."),
    21212: (400, "The source phone number provided is not valid."),
    21219: (400, "The number is unverified. Trial accounts may only make calls to verified numbers."),
    22005: (400, "Call Queue Full"),
}
BAD_NUMBERS = {
    13223: "Invalid phone number format: {number}",
    13224: "Invalid phone number: {number}",
    13226: "Invalid country code: {number}",
    21202: "The phone number you are attempting to call, {number}, is a premium number.",
    21211: "The phone number you are attempting to call, {number}, is not valid.",
    21214: "The phone number you are attempting to call, {number}, cannot be reached.",
    21215: "Account not authorized to call {number}.",
    21216: "Account not allowed to call {number}.",
    21217: "The phone number {number} does not appear to be valid.",
}
"""The wording is the vendor's in sense, not to the letter; programs go by the code."""
MORE_INFO = "https://www.twilio.com/docs/errors/{code}"


class RestError(Exception):
    """A request that is answered with an error; `http_status` and `code` as the vendor gives them."""

    def __init__(self, http_status: int, code: int, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.code = code
        self.retry_after_seconds = retry_after_seconds


def write_error(error: RestError) -> web.Response:
    """The error as JSON."""
    body = {
        "code": error.code,
        "message": str(error),
        "more_info": MORE_INFO.format(code=error.code),
        "status": error.http_status,
    }
    wait = error.retry_after_seconds
    headers = None if wait is None else {"Retry-After": str(wait)}
    return web.json_response(body, status=error.http_status, headers=headers)


def not_found(path: str) -> RestError:
    """There is nothing at this path."""
    return RestError(404, 20404, f"The requested resource {path} was not found")


def authentication_failed() -> RestError:
    """The account or its token is not the right one."""
    return RestError(401, 20003, "Authenticate")


def too_many_requests(retry_after_seconds: int | None = None) -> RestError:
    """The request was not processed; it is safe to repeat it."""
    return RestError(429, 20429, "Too Many Requests", retry_after_seconds=retry_after_seconds)


def server_error(http_status: int) -> RestError:
    """The vendor itself is in trouble; nothing is said of whether the request was processed."""
    if http_status == 503:
        return RestError(503, 20503, "Service is unavailable")
    return RestError(http_status, 20500, "An internal server error has occurred")


def refused(code: int, http_status: int | None = None) -> RestError:
    """The request was not processed, for the reason that the code names; `http_status` none is the usual one."""
    usual_status, message = REFUSALS.get(code, (400, f"Request refused with code {code}"))
    return RestError(http_status or usual_status, code, message)


def invalid_parameter(name: str, reason: str) -> RestError:
    """A parameter for whose mistakes the vendor has no code of its own."""
    return RestError(400, 20001, f"Invalid parameter '{name}': {reason}")
