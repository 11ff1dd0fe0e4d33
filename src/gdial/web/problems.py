"""Every error leaves as problem details (RFC 9457), whoever raised it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NotRequired, TypedDict, cast
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdial.errors import Conflict, GDialError, InvalidInput, NotFound, SetupError, TemporaryError, TooManyRuns
from gdial.web.validation import FieldError, field_errors

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 5

log = structlog.get_logger(__name__)


class Problem(TypedDict):
    """`type` tells the kind in one word that does not change; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[FieldError]]


class InvalidFields(HTTPException):
    """Input that cannot be used, found before any model saw it."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = list(errors)
        super().__init__(422, "; ".join(f"{error['field']}: {error['reason']}" for error in errors))


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """`kind` becomes the type; `more` are further members, such as an id to look for in the log."""
    body: dict[str, Any] = {
        "type": f"urn:gdial:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": writable(detail),
        **more,
    }
    if errors:
        body["errors"] = [{name: writable(text) for name, text in error.items()} for error in errors]
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def writable(text: object) -> str:
    """Text that UTF-8 can carry: a lone surrogate is shown as its escape."""
    return str(text).encode("utf-8", "backslashreplace").decode()


def install(app: FastAPI) -> None:
    app.add_exception_handler(GDialError, _tell_gdial_error)
    app.add_exception_handler(RequestValidationError, _tell_invalid_request)
    app.add_exception_handler(HTTPException, _tell_http_error)


def of_error(error: GDialError) -> JSONResponse:
    """The answer to an error that GDial raised on purpose."""
    match error:
        case InvalidInput():
            wrong = FieldError(field=error.where or "body", reason=error.reason, example=error.example)
            return problem(422, "invalid-input", str(error), errors=[wrong])
        case NotFound():
            return problem(404, "not-found", str(error))
        case Conflict():
            return problem(409, "conflict", str(error))
        case SetupError():
            return problem(503, "setup-error", str(error))
        case TooManyRuns():
            headers = {"retry-after": str(error.retry_after_seconds)}
            return problem(429, "too-many-runs", str(error), headers=headers)
        case TemporaryError():
            log.warning("request put off", reason=str(error))
            return problem(503, "try-again", str(error), headers={"retry-after": str(RETRY_AFTER_SECONDS)})
        case _:
            return of_unexpected(error)


def of_unexpected(error: BaseException) -> JSONResponse:
    """The answer to a fault of ours: nothing of it is shown, and the log has all of it under the id."""
    error_id = uuid4().hex[:12]
    log.error("request failed", error_id=error_id, exc_info=error)
    return problem(
        500, "internal-error", f"Something failed inside GDial. The log has it under {error_id}.", error_id=error_id
    )


async def _tell_gdial_error(request: Request, error: Exception) -> JSONResponse:
    return of_error(cast(GDialError, error))


async def _tell_invalid_request(request: Request, error: Exception) -> JSONResponse:
    errors = field_errors(cast(RequestValidationError, error).errors())
    detail = "; ".join(f"{wrong['field']}: {wrong['reason']}" for wrong in errors)
    return problem(422, "invalid-input", detail, errors=errors)


async def _tell_http_error(request: Request, error: Exception) -> JSONResponse:
    error = cast(HTTPException, error)
    if isinstance(error, InvalidFields):
        return problem(422, "invalid-input", error.detail, errors=error.errors)
    kind, detail = _WORDS.get(error.status_code, ("error", ""))
    headers = {"allow": ", ".join(_methods_at(request))} if error.status_code == 405 else error.headers
    return problem(error.status_code, kind, detail or error.detail, headers=headers)


def _methods_at(request: Request) -> list[str]:
    """What this address takes: the framework's own Allow header names the first route's methods only."""
    path = request.scope["path"]
    routes = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path)]
    # `/api/messages/preview` also looks like a message with an odd id, which it is not.
    own = [route for route in routes if route.path == path and route.include_in_schema] or routes
    return sorted({method for route in own for method in route.methods or ()})


# Kind and detail; an empty detail is the one that the error itself tells.
_WORDS = {
    400: ("unreadable-request", "The body could not be read: it does not have the form its Content-Type names."),
    404: ("not-found", "Nothing is at this address. What there is stands in /api/openapi.json."),
    405: ("method-not-allowed", "This address does not take this method; the Allow header names those it takes."),
    413: ("too-large", ""),
}


class UnexpectedErrors:
    """Outermost: answers what nobody handled. An answer that had begun can only be broken off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def watch(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if began or scope["type"] != "http":
                raise
            await of_unexpected(error)(scope, receive, send)
