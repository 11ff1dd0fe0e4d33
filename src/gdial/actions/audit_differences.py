"""Where GDial's records of a run and the carrier's own list are not the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from gdial.carriers.base import CarrierCall, WebhookRequest
from gdial.storage.audited_calls import AuditedCall
from gdial.storage.kept_keys import KeptKey

DURATION_TOLERANCE_SECONDS = 10
"""Ours runs from the fetch of the script to the carrier's word of the end; theirs between their own whole seconds."""


class Kind(StrEnum):
    """What each means and what to do stands in docs/howto/audit.md."""

    UNKNOWN_CALL = "unknown call"
    MISSING_CALL = "missing call"
    STATUS = "status"
    OPEN_HERE = "open here"
    OPEN_THERE = "open there"
    DURATION = "duration"
    TWO_AT_ONCE = "two at once"
    LOST_KEY = "lost key"
    KEPT_KEY = "kept key"


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` and `theirs` are what each side says; `call_id` is the attempt, `sid` the carrier's call."""

    kind: Kind
    name: str
    number: str
    ours: str
    theirs: str
    call_id: UUID | None = None
    sid: str | None = None
    at: datetime | None = None


def compare_call(ours: AuditedCall, theirs: CarrierCall | None) -> Iterator[Difference]:
    """One attempt that has a call, against that call."""

    def differ(kind: Kind, here: str, there: str) -> Difference:
        return Difference(kind, ours.name, ours.number, here, there, ours.id, ours.sid, ours.claimed_at)

    if theirs is None:
        yield differ(Kind.MISSING_CALL, str(ours.status), "no such call")
    elif ours.is_open and theirs.status.is_final:
        yield differ(Kind.OPEN_HERE, str(ours.status), theirs.status)
    elif not ours.is_open and not theirs.status.is_final:
        yield differ(Kind.OPEN_THERE, str(ours.status), theirs.status)
    elif not ours.is_open and ours.status is not theirs.status:
        yield differ(Kind.STATUS, str(ours.status), theirs.status)
    else:
        here, there = _seconds_here(ours), _seconds_there(theirs)
        if here is not None and there is not None and abs(here - there) > DURATION_TOLERANCE_SECONDS:
            yield differ(Kind.DURATION, f"{here:.0f} s", f"{there} s")


def _seconds_here(ours: AuditedCall) -> float | None:
    """None where the call was over by the time GDial heard of the answer: then nobody here knows when that was."""
    if ours.answered_at is None or ours.ended_at is None or ours.answered_at >= ours.ended_at:
        return None
    return (ours.ended_at - ours.answered_at).total_seconds()


def _seconds_there(theirs: CarrierCall) -> int | None:
    """None on a simulated network whose time runs faster: a call longer than from its beginning to its end."""
    if theirs.duration_seconds is None or theirs.started_at is None or theirs.ended_at is None:
        return None
    span = (theirs.ended_at - theirs.started_at).total_seconds()
    return None if theirs.duration_seconds > span + 1 else theirs.duration_seconds


def unknown_calls(calls: Iterable[CarrierCall], names: Mapping[str, str]) -> Iterator[Difference]:
    """Calls to people of the run that no attempt of any run has."""
    for call in calls:
        name = names.get(call.to, "")
        yield Difference(
            Kind.UNKNOWN_CALL, name, call.to, "no such call", call.status, sid=call.sid, at=call.created_at
        )


def calls_at_once(calls: Iterable[CarrierCall], names: Mapping[str, str]) -> Iterator[Difference]:
    """Two calls to one number of which the second was made before the first had ended."""
    by_number: dict[str, list[CarrierCall]] = {}
    for call in calls:
        if call.created_at is not None:
            by_number.setdefault(call.to, []).append(call)
    for number, theirs in by_number.items():
        ordered = sorted(theirs, key=lambda call: (str(call.created_at), call.sid))
        for first, second in pairwise(ordered):
            if first.ended_at is not None and second.created_at is not None and first.ended_at > second.created_at:
                said = f"{second.sid} began before {first.sid} ended"
                name = names.get(number, "")
                yield Difference(Kind.TWO_AT_ONCE, name, number, "", said, sid=second.sid, at=second.created_at)


def lost_keys(ours: AuditedCall, requests: Sequence[WebhookRequest]) -> Iterator[Difference]:
    """Keys that the carrier could hand to nobody; one that was taken when it came again is not lost. The silence after
    a prompt comes to the same place, and carries none."""
    taken = {_step(request) for request in requests if request.keys and request.was_received}
    for request in requests:
        if request.keys and not request.was_received and _step(request) not in taken:
            taken.add(_step(request))
            answer = "no answer" if request.status is None else f"answered {request.status}"
            said = f"key {request.keys}, {answer}"
            yield Difference(Kind.LOST_KEY, ours.name, ours.number, "no key", said, ours.id, ours.sid, ours.answered_at)


def kept_keys(calls: Iterable[AuditedCall], waiting: Iterable[KeptKey]) -> Iterator[Difference]:
    """Keys that the carrier was thanked for and that are in a file of this machine only."""
    by_id = {call.id: call for call in calls}
    for key in waiting:
        ours = None if key.is_ring_back else by_id.get(key.call_id)
        if ours is not None:
            said = f"key {key.digits}"
            yield Difference(
                Kind.KEPT_KEY, ours.name, ours.number, "kept, not yet stored", said, ours.id, key.sid, key.pressed_at
            )


def _step(request: WebhookRequest) -> tuple[str, str]:
    parts = urlsplit(request.url)
    return parts.path, parse_qs(parts.query).get("step", [""])[0]


def is_of_this_run(call: CarrierCall, names: Mapping[str, str], since: datetime, until: datetime) -> bool:
    """To one of its people, and in its time; a call without a date counts as in it."""
    in_time = call.created_at is None or since <= call.created_at <= until + timedelta(seconds=1)
    return call.to in names and in_time
