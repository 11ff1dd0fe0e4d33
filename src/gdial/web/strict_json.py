"""Reads JSON bodies and queries more strictly than the framework: what no database can hold is the sender's mistake,
and so is a parameter that nothing reads.

RFC 8259 leaves lone surrogates, numbers without bound and nesting without end to the reader; PostgreSQL's text has
no NUL, and NaN is no JSON at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Coroutine, Iterator
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gdial.web.problems import InvalidFields
from gdial.web.validation import FieldError, field_path

MOST_DIGITS = 300
"""Of a whole number; any more is no quantity, and costs time to read."""

Location = tuple[str | int, ...]


class StrictRoute(APIRoute):
    """A route of the REST interface. Give it to every router: `APIRouter(route_class=StrictRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = _query_names(self.dependant)

        async def handle_strictly(request: Request) -> Response:
            _require_text(request)
            _require_known(request, known)
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


def read_json(body: bytes) -> Any:
    """Raises InvalidFields naming the place, or JSONDecodeError with the position."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(("body",), f"is not UTF-8: the byte at position {error.start} belongs to no character")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_read_whole_number)
        for location, reason in _faults(value, ("body",)):
            _refuse(location, reason)
    except RecursionError:
        _refuse(("body",), "is nested too deeply")
    return value


def _query_names(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*(_query_names(inner) for inner in dependant.dependencies))


def _require_known(request: Request, known: Collection[str]) -> None:
    """A slip such as `?dryrun=true` must not import for real."""
    for name in request.query_params:
        if name not in known and request.url.path.startswith("/api/"):
            there_are = f"there are {', '.join(sorted(known))}" if known else "there is none"
            _refuse(("query", name[:40]), f"is not a parameter of this address; {there_are}")


def _require_text(request: Request) -> None:
    for name, value in request.query_params.multi_items():
        if "\x00" in name or "\x00" in value:
            _refuse(("query", name.replace("\x00", "")), "holds a NUL character (%00)")
    for name, value in request.path_params.items():
        if "\x00" in str(value):
            _refuse(("path", name), "holds a NUL character (%00)")


def _faults(value: Any, location: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        fault = _text_fault(value)
        if fault:
            yield location, fault
    elif isinstance(value, dict):
        for name, inner in value.items():
            fault = _text_fault(name)
            if fault:
                yield location, f"has a field whose name {fault}"
            yield from _faults(inner, (*location, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, (*location, index))


def _text_fault(text: str) -> str:
    if "\x00" in text:
        return "holds a NUL character (\\u0000)"
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        return "holds half of a surrogate pair, which is no character"
    return ""


def _read_whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        _refuse(("body",), f"holds a number of {len(digits)} digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    _refuse(("body",), f"holds {name}, which is no number in JSON")


def _refuse(location: Location, reason: str) -> NoReturn:
    raise InvalidFields([FieldError(field=field_path(location), reason=reason, example="")])
