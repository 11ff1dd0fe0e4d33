"""Lists of calls: filters and pages. Source: the vendor's OpenAPI document, operation ListCall."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import get_args
from urllib.parse import quote_plus

from multidict import MultiMapping

from gdial.simulator.calls.record import Call, Status
from gdial.simulator.calls.store import CallStore
from gdial.simulator.rest.errors import RestError, invalid_parameter

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 1000
PAGE_TOKEN = re.compile(r"P([AB])(CA[0-9a-f]{32})")
PAGING = ("PageSize", "Page", "PageToken")
TIME_FILTERS = ("StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<", "EndTime>")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Test = Callable[[Call], bool]
Query = MultiMapping[str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest first, and what is needed to name its neighbours."""

    calls: list[Call]
    number: int
    size: int
    has_next: bool


def read_page(store: CallStore, account: str, query: Query, now: datetime) -> Page:
    """The page that a query asks for, of the calls that are listed by now; raises `RestError` for a bad parameter.

    A `PageToken` goes on from a call, so that new calls shift nothing; `Page` alone counts from the newest.
    """
    size = min(read_count(query, "PageSize", DEFAULT_PAGE_SIZE, 1), LARGEST_PAGE_SIZE)
    number = read_count(query, "Page", 0, 0)
    tests = [_owned_by(account), _is_listed(now), *_read_tests(query)]
    to = query.get("To") or None
    token = query.get("PageToken")
    if not token:
        matching = _matching(store.newest_first(to), tests)
        found = list(islice(matching, number * size, number * size + size + 1))
        return Page(found[:size], number, size, len(found) > size)
    backwards, mark = _read_token(token, store, account)
    if backwards:
        newer = list(islice(_matching(store.oldest_first(to, after=mark), tests), size))
        return Page(newer[::-1], number, size, has_next=True)
    found = list(islice(_matching(store.newest_first(to, before=mark), tests), size + 1))
    return Page(found[:size], number, size, len(found) > size)


def write_page_links(path: str, query: Query, page: Page) -> dict[str, str | int | None]:
    """The envelope of a page: its place in the list and the addresses of its neighbours."""
    filters = [(name, value) for name, value in query.items() if name not in PAGING]
    start = page.number * page.size

    def address(number: int, token: str | None) -> str:
        pairs = [*filters, ("PageSize", str(page.size)), ("Page", str(number))]
        if token:
            pairs.append(("PageToken", token))
        return path + "?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)

    has_previous = page.number > 0 and bool(page.calls)
    return {
        "first_page_uri": address(0, None),
        "next_page_uri": address(page.number + 1, f"PA{page.calls[-1].sid}") if page.has_next else None,
        "previous_page_uri": address(page.number - 1, f"PB{page.calls[0].sid}") if has_previous else None,
        "uri": address(page.number, query.get("PageToken")),
        "page": page.number,
        "page_size": page.size,
        "start": start if page.calls else 0,
        "end": start + len(page.calls) - 1 if page.calls else 0,
    }


def _matching(calls: Iterable[Call], tests: list[Test]) -> Iterator[Call]:
    return (call for call in calls if all(test(call) for test in tests))


def _owned_by(account: str) -> Test:
    return lambda call: call.account == account


def _is_listed(now: datetime) -> Test:
    return lambda call: call.listed_from is None or call.listed_from <= now


def _read_tests(query: Query) -> Iterator[Test]:
    status, from_ = query.get("Status"), query.get("From")
    if status:
        if status not in get_args(Status):
            raise invalid_parameter("Status", f"{status!r} is not one of {', '.join(get_args(Status))}")
        yield lambda call: call.status == status
    if from_:
        yield lambda call: call.from_ == from_
    if query.get("ParentCallSid"):
        yield lambda _: False  # no call here was made by another call
    for name in TIME_FILTERS:
        if query.get(name):
            yield _read_time_test(name, query[name])


def _read_time_test(name: str, text: str) -> Test:
    begin, end = _read_span(name, text)

    def moment_of(call: Call) -> datetime | None:
        # The same second that the resource shows; the vendor's list knows no fractions.
        moment = call.started if name.startswith("Start") else call.ended if call.status == "completed" else None
        return None if moment is None else moment.replace(microsecond=0)

    if name.endswith("<"):
        return lambda call: (moment := moment_of(call)) is not None and moment < begin
    if name.endswith(">"):
        return lambda call: (moment := moment_of(call)) is not None and moment >= begin
    return lambda call: (moment := moment_of(call)) is not None and begin <= moment < end


def _read_span(name: str, text: str) -> tuple[datetime, datetime]:
    """The day or the second that a date means, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid_parameter(name, f"{text!r} is no date, such as 2026-01-31 or 2026-01-31T04:00:00Z") from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment, moment + (timedelta(days=1) if DATE.fullmatch(text) else timedelta(seconds=1))


def _read_token(token: str, store: CallStore, account: str) -> tuple[bool, int]:
    match = PAGE_TOKEN.fullmatch(token)
    call = store.find(account, match[2]) if match else None
    if match is None or call is None:
        raise RestError(400, 20001, f"Invalid parameter 'PageToken': {token!r} belongs to no page")
    return match[1] == "B", call.serial


def read_count(query: Query, name: str, default: int, lowest: int) -> int:
    """A parameter that is a whole number; raises `RestError` for one that is none."""
    text = query.get(name)
    if not text:
        return default
    if not (WHOLE_NUMBER.fullmatch(text) and int(text) >= lowest):
        raise invalid_parameter(name, f"{text!r} is not a whole number from {lowest}")
    return int(text)
