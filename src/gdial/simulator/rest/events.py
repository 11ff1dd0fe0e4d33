"""What the network asked the application in a call, and what it was answered.

Source: https://www.twilio.com/docs/voice/api/call-event-resource and the vendor's OpenAPI document, operation
ListCallEvent.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from gdial.simulator.calls.record import Call, Exchange
from gdial.simulator.rest.call_resource import rfc2822
from gdial.simulator.rest.listing import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE, read_count

THERE_AFTER, THERE_FOR = timedelta(minutes=15), timedelta(days=30)
NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def has_events(call: Call, now: datetime) -> bool:
    """From a quarter of an hour after the call's end, for a month, while the network remembers."""
    return call.keeps_exchanges and call.ended is not None and THERE_AFTER <= now - call.ended < THERE_FOR


def write_events(call: Call, request: web.Request) -> dict[str, Any]:
    """A page of them, oldest first; raises `RestError` for a bad `PageSize` or `Page`."""
    size = min(read_count(request.query, "PageSize", DEFAULT_PAGE_SIZE, 1), LARGEST_PAGE_SIZE)
    number = read_count(request.query, "Page", 0, 0)
    start = number * size
    rows = [_write_exchange(exchange) for exchange in call.exchanges[start : start + size]]

    def address(page: int) -> str:
        return f"{request.path}?{urlencode({'PageSize': size, 'Page': page})}"

    return {
        "events": rows,
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1) if start + size < len(call.exchanges) else None,
        "previous_page_uri": address(number - 1) if number else None,
        "uri": address(number),
        "page": number,
        "page_size": size,
        "start": start if rows else 0,
        "end": start + len(rows) - 1 if rows else 0,
    }


def _write_exchange(exchange: Exchange) -> dict[str, Any]:
    fields = parse_qsl(exchange.form, keep_blank_values=True)
    parameters = {NEW_WORD.sub("_", name).lower(): value for name, value in fields}
    return {
        "request": {"url": exchange.url, "method": exchange.method, "parameters": parameters},
        "response": None if exchange.status is None else _write_answer(exchange),
    }


def _write_answer(exchange: Exchange) -> dict[str, Any]:
    return {
        "date_created": rfc2822(exchange.at + timedelta(milliseconds=exchange.took_ms)),
        "request_duration": exchange.took_ms,
        "response_code": exchange.status,
        "content_type": exchange.content_type,
        "response_body": exchange.body.decode("utf-8", "replace"),
    }
