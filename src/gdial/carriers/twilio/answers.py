"""Reading Twilio's answers into the port's values.

A create is sorted into accepted, refused and unknown here. In doubt it is unknown: that costs a look at Twilio's list,
the other mistake rings somebody twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, TypeGuard

from gdial.carriers.base import Accepted, CarrierCall, Placing, Refusal, Refused, Unknown, WebhookRequest
from gdial.carriers.twilio.codes import CODES, NumbersInARow, row_of_unlisted
from gdial.carriers.twilio.connection import Answer, NoAnswer
from gdial.dialing.states import CallStatus
from gdial.errors import CarrierBusy, CarrierUnavailable

CALL_SID: Final = re.compile(r"CA[0-9a-fA-F]{32}")
_STATUSES: Final = {status.value: status for status in CallStatus}
_TOO_MANY_REQUESTS: Final = "20429"
# 408 and 499 say that somebody on the way gave up waiting, not that Twilio refused.
_GAVE_UP: Final = frozenset({408, 499})
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_LONGEST_MESSAGE: Final = 200


def read_placing(outcome: Answer | NoAnswer, to: str, numbers: NumbersInARow) -> Placing:
    """What came of a create: accepted needs a call's SID, refused a 4xx or a request that never left."""
    if isinstance(outcome, NoAnswer):
        if outcome.may_have_arrived:
            return Unknown(outcome.reason)
        return Refused(Refusal.LATER, "", outcome.reason)
    if 200 <= outcome.status < 300:
        return _read_accepted(outcome, numbers)
    return _read_refused(outcome, to, numbers)


def _read_accepted(answer: Answer, numbers: NumbersInARow) -> Placing:
    document = read_object(answer.body) or {}
    sid = document.get("sid")
    if not is_call_sid(sid):
        return Unknown(f"Twilio answered {answer.status} without the id of a call")
    numbers.forget()
    return Accepted(sid, _STATUSES.get(str(document.get("status")), CallStatus.QUEUED))


def _read_refused(answer: Answer, to: str, numbers: NumbersInARow) -> Placing:
    code = _code(read_object(answer.body) or {})
    if 300 <= answer.status < 400:
        return Unknown(f"Twilio answered with a redirect ({answer.status}); check TWILIO_API_BASE")
    refused = 400 <= answer.status < 500 and answer.status not in _GAVE_UP
    if not refused and code != _TOO_MANY_REQUESTS:
        return Unknown(describe(answer))
    row = CODES.get(code) or (
        CODES[_TOO_MANY_REQUESTS] if answer.status == 429 else row_of_unlisted(code, answer.status)
    )
    return Refused(numbers.judge(row, to), code or row.code, describe(answer), answer.retry_after_seconds)


def describe(answer: Answer) -> str:
    """The refusal in plain words; holds no phone number and no credentials."""
    document = read_object(answer.body) or {}
    code = _code(document) or (_TOO_MANY_REQUESTS if answer.status == 429 else "")
    if code in CODES:
        return explain(code)
    said = _LONG_NUMBER.sub("(number)", str(document.get("message") or ""))[:_LONGEST_MESSAGE]
    name = f"code {code}" if code else f"HTTP status {answer.status}"
    return f"Twilio answered with {name}: {said}" if said else f"Twilio answered with {name}"


def explain(code: str) -> str:
    """A listed code: its meaning and what to do."""
    row = CODES[code]
    return f"Twilio {code}: {row.meaning}. {row.advice}"


def _code(document: Mapping[str, Any]) -> str:
    code = document.get("code")
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else ""


def has_code(answer: Answer, code: str) -> bool:
    return _code(read_object(answer.body) or {}) == code


def read_object(body: bytes) -> dict[str, Any] | None:
    """A JSON object, or None when the body is anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def is_call_sid(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and CALL_SID.fullmatch(value) is not None


def read_call(row: Mapping[str, Any]) -> CarrierCall:
    """One call of Twilio's list. Raises `CarrierUnavailable` for a row that cannot be understood: leaving it out
    could hide a call that rings."""
    sid, status = row.get("sid"), _STATUSES.get(str(row.get("status")))
    if not is_call_sid(sid) or status is None:
        raise CarrierUnavailable("Twilio described a call in words GDial does not know")
    return CarrierCall(
        sid=sid,
        to=str(row.get("to") or ""),
        from_number=str(row.get("from") or ""),
        status=status,
        created_at=read_time(row.get("date_created")),
        started_at=read_time(row.get("start_time")),
        ended_at=read_time(row.get("end_time")),
        answered_by=str(row["answered_by"]) if row.get("answered_by") else None,
        duration_seconds=_read_seconds(row.get("duration")),
    )


def _read_seconds(value: object) -> int | None:
    """Twilio writes durations as text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def read_request(row: Mapping[str, Any]) -> WebhookRequest:
    """One of the Events of a call: a request to us and its answer, either of which may be empty."""
    request, answer = _object(row.get("request")), _object(row.get("response"))
    fields = {name.lower(): value for name, value in _object(request.get("parameters")).items()}
    code = str(answer.get("response_code") or "")
    return WebhookRequest(
        url=str(request.get("url") or ""),
        keys=str(fields.get("digits") or ""),
        status=int(code) if code.isascii() and code.isdigit() else None,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def unavailable(answer: Answer) -> CarrierUnavailable:
    """The error for a question that was answered with something else."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or has_code(answer, _TOO_MANY_REQUESTS):
        return CarrierBusy(describe(answer), answer.retry_after_seconds)
    return CarrierUnavailable(describe(answer))


def read_time(value: object) -> datetime | None:
    """An RFC 2822 date as UTC; None when it is absent or cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
