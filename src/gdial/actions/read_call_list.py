"""The carrier's list, read once for many attempts instead of a question for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gdial.actions.questions import Questions
from gdial.carriers.base import Carrier, CarrierCall
from gdial.dialing.states import AttemptState
from gdial.storage.attempts import StoredAttempt

CREATED_BEFORE_CLAIM_SECONDS = 60
"""The carrier's times are whole seconds, and its clock is not ours. A call that is missed is made twice; one too many
is told apart by its SID."""
SINGLY = 20
"""So few attempts are asked about one by one; a page of the list stands for as many questions."""


@dataclass(slots=True)
class CallList:
    """What was read. `whole` names the numbers of ours whose list was read as far back as it was asked for."""

    calls: dict[str, CarrierCall] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    _by_numbers: dict[tuple[str, str], list[CarrierCall]] = field(default_factory=dict)

    def add(self, calls: Iterable[CarrierCall]) -> None:
        for call in calls:
            if call.sid not in self.calls:
                self._by_numbers.setdefault((call.to, call.from_number), []).append(call)
            self.calls[call.sid] = call

    def between(self, to: str, from_number: str, created_since: datetime) -> list[CarrierCall]:
        """Calls to this number from that one of ours, created at or after this moment, oldest first."""
        since = created_since.replace(microsecond=0)
        found = self._by_numbers.get((to, from_number), [])
        recent = [self.calls[call.sid] for call in found if call.created_at is None or call.created_at >= since]
        return sorted(recent, key=lambda call: (call.created_at is None, call.created_at or since))


def look_since(attempt: StoredAttempt) -> datetime:
    """A call of this attempt was not created before."""
    return attempt.claimed_at - timedelta(seconds=CREATED_BEFORE_CLAIM_SECONDS)


async def read_call_list(carrier: Carrier, attempts: Sequence[StoredAttempt], questions: Questions) -> CallList:
    """As many pages as there is something to find on them, and no more than questions they save.

    Raises CarrierUnavailable.
    """
    read = CallList()
    for from_number in sorted({attempt.from_number for attempt in attempts}):
        wanted = [attempt for attempt in attempts if attempt.from_number == from_number]
        if len(wanted) > SINGLY:
            await _read_one(carrier, from_number, wanted, questions, read)
    return read


async def _read_one(
    carrier: Carrier, from_number: str, wanted: Sequence[StoredAttempt], questions: Questions, read: CallList
) -> None:
    missing = {attempt.facts.sid for attempt in wanted if attempt.facts.sid is not None}
    must_be_whole = any(attempt.facts.state is AttemptState.UNKNOWN for attempt in wanted)
    pages_left = len(wanted) // SINGLY + 1
    async with aclosing(carrier.calls_since(from_number, min(map(look_since, wanted)))) as pages:
        while pages_left and (missing or must_be_whole):
            page = await questions.ask(lambda: anext(pages, None))
            if page is None:
                read.whole.add(from_number)
                return
            read.add(page)
            missing -= {call.sid for call in page}
            pages_left -= 1
