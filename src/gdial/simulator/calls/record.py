"""The record of one call: what the API shows of it, and what the ledger knows besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gdial.simulator.people.plans import CallPlan

Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
FINAL: frozenset[Status] = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(slots=True)
class Heard:
    """Something that sounded in the ear. `seconds` is how much of it was heard, in telephone seconds."""

    kind: Literal["play", "say"]
    url: str | None = None
    text: str | None = None
    language: str | None = None
    seconds: float = 0.0
    length_seconds: float = 0.0
    content_type: str | None = None
    sha256: str | None = None


@dataclass(slots=True)
class Press:
    """A key that was pressed; `answered_at` is when the application answered the request that carried it."""

    key: str
    at: datetime
    gathered: bool = False
    answered_at: datetime | None = None
    answer_status: int | None = None


@dataclass(slots=True)
class Callback:
    """A callback that was due; `status` is the HTTP status of the answer, none when there was no answer.

    `fault` is what the plan did to it; a doubled one is followed by a second record.
    """

    event: str
    call_status: str
    sequence_number: int | None
    due_at: datetime
    attempts: int = 0
    status: int | None = None
    answered_at: datetime | None = None
    error: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the application as it went out, tries of the same one each by itself. `form` is URL-encoded;
    `status` None: no answer came, and `body` is empty."""

    at: datetime
    url: str
    method: str
    form: str
    took_ms: int
    status: int | None = None
    content_type: str = ""
    body: bytes = b""


@dataclass(slots=True)
class Notification:
    """An error or warning that the vendor would show in its log; `code` is from its error dictionary."""

    code: int
    message: str
    url: str
    at: datetime


@dataclass(slots=True)
class Injected:
    """A fault of the plan that struck this call."""

    does: str
    at: datetime
    detail: str


@dataclass(slots=True, eq=False)
class Call:
    """Everything that is remembered of a call; times of the calendar, in UTC.

    `ordinal` counts the calls to its number from 1; `overlaps` are the SIDs of other calls to that number that were
    open while this one was. Before `listed_from` and `fetched_from` the API does not show it.
    """

    serial: int
    sid: str
    account: str
    to: str
    from_: str
    plan: CallPlan
    created: datetime
    updated: datetime
    ordinal: int = 1
    status: Status = "queued"
    started: datetime | None = None
    answered_at: datetime | None = None
    ended: datetime | None = None
    queue_ms: int = 0
    duration_seconds: int | None = None
    answered_by: str | None = None
    sip_code: int | None = None
    busy_with: str | None = None
    sequence: int = 0
    heard: list[Heard] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    faults: list[Injected] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    keeps_exchanges: bool = True
    listed_from: datetime | None = None
    fetched_from: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    @property
    def digits(self) -> str:
        """Every key that was pressed, in order, whether anybody received it or not."""
        return "".join(press.key for press in self.presses)
