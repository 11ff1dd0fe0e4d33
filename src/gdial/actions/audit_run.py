"""Hold a run against the carrier's own list, call by call. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from gdial.actions.audit_differences import (
    Difference,
    calls_at_once,
    compare_call,
    is_of_this_run,
    kept_keys,
    lost_keys,
    unknown_calls,
)
from gdial.actions.questions import Questions, Spacing
from gdial.actions.read_call_list import CREATED_BEFORE_CLAIM_SECONDS
from gdial.carriers.base import CarrierCall
from gdial.dialing.states import CallStatus
from gdial.errors import TemporaryError
from gdial.runtime import Network, Runtime
from gdial.storage import audited_calls, runs
from gdial.storage.audited_calls import AuditedCall
from gdial.storage.kept_keys import KeptKey
from gdial.storage.runs import Run

ASKED_AT_ONCE = 200
AFTER_THE_END_SECONDS = 60
PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Before a question is asked again that had no answer."""

Stage = Literal["list", "calls", "keys"]


@dataclass(frozen=True, slots=True)
class AuditProgress:
    """`done` pages of the list, or of `total` calls and calls without a key that are asked about one by one."""

    stage: Stage
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """`calls_here` attempts of the run and those of them `without_call`; `calls_there` calls of the carrier to its
    people in its time; `not_listed` calls that the list did not show and a question did; `keys_unchecked` calls without
    a key for which the carrier keeps no record of its requests; `numbers_cleared`: calls that GDial does not know
    cannot be told any more, because it keeps no number of the run's people."""

    run: Run
    calls_here: int
    calls_there: int
    without_call: int
    not_listed: int
    keys_checked: int
    keys_unchecked: int
    questions: int
    numbers_cleared: bool
    differences: Sequence[Difference]

    @property
    def agrees(self) -> bool:
        return not self.differences


async def audit_run(rt: Runtime, run_id: UUID) -> AsyncGenerator[AuditProgress | AuditResult]:
    """Progress, and last of all the result. Paced by CARRIER_QUESTIONS_PER_SECOND.

    Raises NotFound; Conflict when its network is not set up; CarrierUnavailable when the carrier does not answer, and
    TemporaryError when the folder of kept keys cannot be read.
    NOT promised: that a run which still rings agrees; words about it may be on their way.
    """
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    audit = _Audit(rt, run, rt.network(run.mode))
    async with aclosing(audit.read_list()) as pages:
        async for progress in pages:
            yield progress
    await audit.load_ours()
    async with aclosing(audit.ask_singly()) as asked:
        async for progress in asked:
            yield progress
    async with aclosing(audit.look_for_keys()) as looked:
        async for progress in looked:
            yield progress
    yield await audit.result()


@dataclass(slots=True)
class _Audit:
    rt: Runtime
    run: Run
    network: Network
    names: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, CarrierCall] = field(default_factory=dict)
    ours: list[AuditedCall] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    not_listed: int = 0
    keys: list[Difference] = field(default_factory=list)
    keys_checked: int = 0
    keys_unchecked: int = 0
    questions: Questions = field(init=False)

    def __post_init__(self) -> None:
        spacing = Spacing(self.rt.settings.carrier_questions_per_second)
        self.questions = Questions(spacing, pauses_seconds=PAUSES_SECONDS)

    @property
    def since(self) -> datetime:
        return (self.run.started_at or self.run.created_at) - timedelta(seconds=CREATED_BEFORE_CLAIM_SECONDS)

    @property
    def until(self) -> datetime:
        return (self.run.ended_at or self.rt.clock()) + timedelta(seconds=AFTER_THE_END_SECONDS)

    async def read_list(self) -> AsyncGenerator[AuditProgress]:
        """All pages since the run began; of them only what is about its people is kept."""
        async with self.rt.database.reading() as tx:
            self.names = await audited_calls.numbers_of(tx, self.run.id)
            from_numbers = await audited_calls.from_numbers_of(tx, self.run.id)
            sids = {call.sid for call in await audited_calls.of_run(tx, self.run.id)}
        pages_read = 0
        for from_number in sorted({*from_numbers, *self.network.from_numbers}):
            async with aclosing(self.network.carrier.calls_since(from_number, self.since)) as pages:
                # Not repeated: a reader of pages that broke would seem to be at the end. It repeats each page itself.
                while (page := await self.questions.ask(partial(anext, pages, None), may_repeat=False)) is not None:
                    pages_read += 1
                    self.theirs |= {call.sid: call for call in page if call.to in self.names or call.sid in sids}
                    yield AuditProgress("list", pages_read)

    async def load_ours(self) -> None:
        """After the list was read: a call that was made meanwhile is ours and not on it, never the other way round."""
        async with self.rt.database.reading() as tx:
            self.ours = await audited_calls.of_run(tx, self.run.id)

    async def ask_singly(self) -> AsyncGenerator[AuditProgress]:
        """Calls that the list does not show: it may lag. And those that went on when it was read and are over here."""
        doubtful = [call for call in self.ours if call.sid is not None and self._is_doubtful(call)]
        self.not_listed = -sum(call.sid not in self.theirs for call in doubtful)
        for start in range(0, len(doubtful), ASKED_AT_ONCE):
            await asyncio.gather(*(self._ask(call.sid or "") for call in doubtful[start : start + ASKED_AT_ONCE]))
            yield AuditProgress("calls", min(start + ASKED_AT_ONCE, len(doubtful)), len(doubtful))
        self.not_listed = -self.not_listed - len(self.gone)

    def _is_doubtful(self, call: AuditedCall) -> bool:
        listed = self.theirs.get(call.sid or "")
        return listed is None or (not listed.status.is_final and not call.is_open)

    async def _ask(self, sid: str) -> None:
        call = await self.questions.ask(lambda: self.network.carrier.ask(sid))
        if call is None:
            self.gone.add(sid)
        else:
            self.theirs[sid] = call

    async def look_for_keys(self) -> AsyncGenerator[AuditProgress]:
        """Somebody may have pressed a key in a call that was answered and brought none: the carrier knows what it asked
        us, and what it was answered."""
        silent = [call for call in self.ours if call.sid not in (None, *self.gone) and self._is_without_key(call)]
        for start in range(0, len(silent), ASKED_AT_ONCE):
            await asyncio.gather(*(self._look_for_key(call) for call in silent[start : start + ASKED_AT_ONCE]))
            yield AuditProgress("keys", min(start + ASKED_AT_ONCE, len(silent)), len(silent))

    def _is_without_key(self, call: AuditedCall) -> bool:
        is_answered = call.answered_at is not None and call.status is CallStatus.COMPLETED
        return bool(self.run.responses) and is_answered and call.digits is None

    async def _look_for_key(self, call: AuditedCall) -> None:
        requests = await self.questions.ask(lambda: self.network.carrier.requests_of(call.sid or ""))
        if requests is None:
            self.keys_unchecked += 1
            return
        self.keys_checked += 1
        self.keys += lost_keys(call, requests)

    async def _waiting_keys(self) -> Sequence[KeptKey]:
        try:
            return await self.rt.kept_keys.waiting()
        except OSError as error:
            raise TemporaryError(f"the keys that this machine keeps cannot be read: {error}") from error

    async def result(self) -> AuditResult:
        mine = {call.sid for call in self.ours}
        in_time = [call for call in self.theirs.values() if is_of_this_run(call, self.names, self.since, self.until)]
        async with self.rt.database.reading() as tx:
            known = await audited_calls.known_sids(tx, [call.sid for call in in_time if call.sid not in mine])
        waiting = await self._waiting_keys()
        strangers = [call for call in in_time if call.sid not in mine and call.sid not in known]
        differences = [
            *(it for call in self.ours if call.sid for it in compare_call(call, self.theirs.get(call.sid))),
            *unknown_calls(strangers, self.names),
            *calls_at_once((call for call in in_time if call.sid not in known), self.names),
            *self.keys,
            *kept_keys(self.ours, waiting),
        ]
        return AuditResult(
            run=self.run,
            calls_here=len(self.ours),
            calls_there=sum(call.sid not in known for call in in_time),
            without_call=sum(call.sid is None for call in self.ours),
            not_listed=self.not_listed,
            keys_checked=self.keys_checked,
            keys_unchecked=self.keys_unchecked,
            questions=self.questions.asked,
            numbers_cleared=bool(self.ours) and not any(call.number for call in self.ours),
            differences=differences,
        )
