"""The port to a carrier: place a call, ask, list, hang up, verify and read callbacks, answer with a script.

One test suite (`tests/ports/carrier_port.py`) holds for every carrier.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gdial.dialing.states import CallStatus


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One number to ring once. Numbers are E.164; URLs are absolute and public; times are whole seconds."""

    to: str
    from_number: str
    voice_url: str
    fallback_url: str
    status_url: str
    ring_timeout_seconds: int
    time_limit_seconds: int


class Refusal(StrEnum):
    """Why a carrier refused, sorted by what GDial does about it."""

    BAD_NUMBER = "bad_number"  # next number, this one never again
    LATER = "later"  # not processed: safe to repeat
    ACCOUNT = "account"  # account or set-up is wrong: stop dialling, alarm the operator
    CALL = "call"  # this call, for a reason nobody has listed: it counts as one that failed


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has the call. `status` is what its answer said, usually `queued`."""

    sid: str
    status: CallStatus


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier certainly did not dial. `code` is the vendor's ("" when it gave none)."""

    kind: Refusal
    code: str
    reason: str
    retry_after_seconds: float | None = None

    @property
    def asks_to_slow_down(self) -> bool:
        """The carrier itself said "later": too much came at once."""
        return self.kind is Refusal.LATER and bool(self.code)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it rings: never dial again, list first."""

    reason: str


Placing = Accepted | Refused | Unknown


def is_answer(placing: Placing) -> bool:
    """Whether the carrier answered the create with a decision of its own, whatever it was."""
    match placing:
        case Accepted():
            return True
        case Refused(kind, code):
            return kind is not Refusal.LATER or bool(code)
        case Unknown():
            return False


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call as the carrier's own list shows it. Times are UTC with zone; the carrier's are whole seconds."""

    sid: str
    to: str
    from_number: str
    status: CallStatus
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    answered_by: str | None = None
    duration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request that the carrier made to us in a call. `status` None: nobody answered it. `keys` is what was pressed,
    "" where it carried none."""

    url: str
    keys: str
    status: int | None

    @property
    def was_received(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class StatusWord:
    """What a status callback said. `event_id` is the same for every delivery of the same word.

    `refusal` and `error` tell of a call that failed what GDial does about its code, and the code in plain words.
    """

    sid: str
    status: CallStatus
    event_id: str
    said_at: datetime | None
    answered_by: str | None = None
    error_code: str = ""
    refusal: Refusal | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class PressWord:
    """A key press, or the silence after a prompt (`digits` empty)."""

    sid: str
    digits: str


@dataclass(frozen=True, slots=True)
class InboundWord:
    """A call that somebody made to one of our numbers. `from_number` is E.164, "" when it is withheld or none.
    `is_inbound` False: the body is about a call of ours."""

    sid: str
    from_number: str
    is_inbound: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio to play; `url` is absolute."""

    url: str


@dataclass(frozen=True, slots=True)
class SpokenByCarrier:
    """Text for the carrier's own voice, when GDial has no audio for it. `language` is BCP-47 (`sv`, `en`)."""

    text: str
    language: str


Utterance = Sound | SpokenByCarrier


@dataclass(frozen=True, slots=True)
class Tell:
    """Say these and go on."""

    utterances: Sequence[Utterance]


@dataclass(frozen=True, slots=True)
class AskForKey:
    """Say these; a key pressed at any time, or `timeout_seconds` of silence after them, goes to `next_url`."""

    utterances: Sequence[Utterance]
    next_url: str
    timeout_seconds: int = 6


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep the line open in silence."""

    seconds: int


@dataclass(frozen=True, slots=True)
class GoTo:
    """Fetch the rest of the script from `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


ScriptStep = Tell | AskForKey | Wait | GoTo | HangUp


class Carrier(Protocol):
    """One carrier account. Methods that talk to the carrier raise `CarrierUnavailable` when it does not answer,
    except `place`, which never raises for anything the network or the carrier does: it answers `Unknown`."""

    @property
    def name(self) -> str: ...

    @property
    def script_content_type(self) -> str: ...

    async def place(self, request: CallRequest) -> Placing: ...

    async def ask(self, sid: str) -> CarrierCall | None:
        """The call as the carrier sees it now; None when it knows no such call."""
        ...

    async def list_calls(self, to: str, from_numbers: Sequence[str], created_since: datetime) -> list[CarrierCall]:
        """Calls to this number from any of ours, created at or after `created_since`, oldest first, all pages."""
        ...

    async def check_answer(self) -> None:
        """Ask for something that changes nothing, to learn whether the carrier answers again. Any answer will do but a
        fault of its own; raises `CarrierUnavailable` else."""
        ...

    def calls_since(self, from_number: str, created_since: datetime) -> AsyncGenerator[Sequence[CarrierCall]]:
        """Every call from this number of ours, newest first, a page at a time, as far back as `created_since`; the last
        page may hold older ones. Raises `CarrierUnavailable` in the middle when a page cannot be had."""
        ...

    async def requests_of(self, sid: str) -> list[WebhookRequest] | None:
        """What the carrier asked us during this call; None when it keeps no record of that (any more, or yet)."""
        ...

    async def hang_up(self, sid: str) -> None:
        """End the call in whatever state it is; one that has ended already is no error."""
        ...

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether this callback was signed by the carrier. `url` is the public one, with its raw query."""
        ...

    def read_status(self, body: bytes) -> StatusWord:
        """Raises `InvalidInput` when the body is not a status callback."""
        ...

    def read_press(self, body: bytes) -> PressWord:
        """Raises `InvalidInput` when the body names no call."""
        ...

    def read_inbound(self, body: bytes) -> InboundWord:
        """Raises `InvalidInput` when the body names no call."""
        ...

    def write_script(self, steps: Sequence[ScriptStep]) -> bytes: ...

    async def close(self) -> None: ...
