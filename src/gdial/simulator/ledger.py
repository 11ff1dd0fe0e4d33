"""The ledger: what the network knows of its calls, as plain values for JSON. Times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from gdial.simulator.calls.record import Call, Callback, Heard, Injected, Notification, Press
from gdial.simulator.calls.store import CallStore

Row = dict[str, Any]


def write_rows(store: CallStore, since: datetime | None = None) -> Iterator[Row]:
    """A row for each call, oldest first; with `since` only those that changed at or after that moment."""
    for call in store.oldest_first():
        if since is None or call.updated >= since:
            yield write_row(call)


def write_row(call: Call) -> Row:
    """One call."""
    return {
        "sid": call.sid,
        "account": call.account,
        "to": call.to,
        "from": call.from_,
        "status": call.status,
        "created": _iso(call.created),
        "started": _iso(call.started),
        "answered_at": _iso(call.answered_at),
        "ended": _iso(call.ended),
        "duration_seconds": call.duration_seconds,
        "answered_by": call.answered_by,
        "sip_code": call.sip_code,
        "busy_with": call.busy_with,
        "behaviour": {"person": call.plan.person, "does": call.plan.does},
        "digits": call.digits,
        "presses": _plain(call.presses),
        "heard": _plain(call.heard),
        "callbacks": _plain(call.callbacks),
        "notifications": _plain(call.notifications),
        "ordinal": call.ordinal,
        "overlaps": list(call.overlaps),
        "faults": _plain(call.faults),
    }


def _plain(records: Sequence[Heard | Press | Callback | Notification | Injected]) -> list[Row]:
    # dataclasses.asdict copies everything deeply, which a ledger of a hundred thousand calls has no time for.
    return [{name: _plain_value(getattr(record, name)) for name in record.__slots__} for record in records]


def _plain_value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
