"""The description of the REST interface: what every route may answer, and that it wants the token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from gdial.web.access.rules import Guard
from gdial.web.problems import MEDIA_TYPE
from gdial.web.security import LOCAL_DOORS, OPEN_DOORS
from gdial.web.strict_json import StrictRoute

TITLE = "GDial"
DESCRIPTION = """Phones everyone on a list, speaks a message, collects the keys they press, and loses nobody.

Every request carries `Authorization: Bearer <token>`: the installation's API_TOKEN, or a token with a role of its own;
what a route takes stands with it as `x-gdial-role`. Lists come in pages, times are ISO 8601 with their zone, errors
are problem details (RFC 9457) that name the field, the reason and a right example."""

TAGS = [
    {"name": "contacts", "description": "People and their phone numbers, in the order in which they are rung."},
    {"name": "groups", "description": "Named lists of contacts."},
    {"name": "messages", "description": "What is said, and what each key means."},
    {"name": "runs", "description": "Call-outs, and where each person is in them."},
    {"name": "calls", "description": "Single calls by hand, and the log of all calls."},
    {"name": "speech", "description": "Texts spoken beforehand."},
    {"name": "webhooks", "description": "Programs that are told when a run starts, somebody answers, and it ends."},
    {"name": "access", "description": "Users, API tokens, and who did what."},
    {"name": "settings", "description": "What an operator changes while GDial runs."},
    {"name": "operation", "description": "Health, metrics, queues and workers."},
]

_ANSWERS = {
    400: "The request cannot be read.",
    401: "The token is missing or wrong.",
    403: "The role is too small for this, or a page of another site sent it.",
    404: "There is no such thing.",
    405: "Not with this method.",
    409: "Right, but not in the state things are in.",
    413: "The body is too large.",
    421: "This installation does not answer to that host name.",
    422: "Something in it cannot be used; `errors` says what, where, and how a right one looks.",
    429: "Too many within the hour; Retry-After says in how many seconds there is room.",
    500: "A fault in GDial; the log has it under `error_id`.",
    503: "Try again later, or something is not set up.",
}

PROBLEM_SCHEMA = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:gdial:invalid-input"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "error_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason", "example"],
                "properties": {
                    "field": {"type": "string", "examples": ["phone_numbers[0].number"]},
                    "reason": {"type": "string"},
                    "example": {"type": "string"},
                },
            },
        },
    },
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, text in _ANSWERS.items()
}


def api_router(prefix: str, tag: str) -> APIRouter:
    """A router of the REST interface: strict bodies, and every error described."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute, responses=PROBLEMS)


def describe(app: FastAPI) -> None:
    """Let the app's OpenAPI tell of problems and of the token."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _build(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, tags=app.openapi_tags, routes=app.routes
    )
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{"token": []}]
    guard: Guard = app.state.guard
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            rule = guard.declared(method.upper(), path)
            if rule is not None:
                operation["x-gdial-role"] = rule.role
        if OPEN_DOORS.fullmatch(path) or path in LOCAL_DOORS:
            for operation in operations.values():
                operation["security"] = []
    return schema
