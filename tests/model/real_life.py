"""One call-out of one person by the real actions on a real database, in a process that dies wherever it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from gdial.actions.change_run import stop_run
from gdial.actions.close_runs import keep_runs
from gdial.actions.place_call import place_call
from gdial.actions.reconcile_calls import reconcile_calls, recover_after_start
from gdial.actions.record_event import CallNamed, record_press, record_status, status_word
from gdial.carriers.base import Accepted, CallRequest, Carrier, CarrierCall, Placing, Unknown
from gdial.carriers.pace import InProcessPace
from gdial.dialing.states import CallStatus, RunMode
from gdial.runtime import Network, Runtime
from gdial.storage import runs
from gdial.storage.database import Database, Transaction
from gdial.storage.grouping import Kind
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from tests.support.runtime import TurnedClock
from tests.support.stored_runs import OURS

T = TypeVar("T")
L = TypeVar("L")
LIFE_ROUNDS = 12
ROUND_SECONDS = 60


class Crash(BaseException):
    """The process is gone: nothing after this point happens."""


class Points:
    """Every place between two effects."""

    def __init__(self) -> None:
        self._left: int | None = None

    @contextmanager
    def dying_after(self, points: int) -> Iterator[None]:
        self._left = points
        try:
            yield
        finally:
            self._left = None

    def passes(self, where: str) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            raise Crash(where)


class MortalDatabase(Database):
    """Dies before a commit or after it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.points = Points()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with super().transaction() as tx:
            yield tx
            self.points.passes("before a commit")
        self.points.passes("after a commit")

    async def together(self, kind: Kind[L], id_: UUID, work: Callable[[Transaction, L | None], Awaitable[T]]) -> T:
        async def mortal_work(tx: Transaction, loaded: L | None) -> T:
            result = await work(tx, loaded)
            self.points.passes("before a commit")
            return result

        result = await super().together(kind, id_, mortal_work)
        self.points.passes("after a commit")
        return result


class Fate(Enum):
    """What becomes of the first create of a life; all others are taken and answered."""

    ANSWERED = "taken and answered"
    CUT = "taken, and the answer lost"
    LOST = "lost on the way"


@dataclass
class ScriptedCarrier:
    """As much of a carrier as the actions speak to. Never two calls at once to one number."""

    points: Points
    clock: TurnedClock
    fate: Fate = Fate.ANSWERED
    calls: list[CarrierCall] = field(default_factory=list)
    attempts: dict[str, UUID] = field(default_factory=dict)

    async def place(self, request: CallRequest) -> Placing:
        self.points.passes("before a create")
        fate, self.fate = self.fate, Fate.ANSWERED
        if fate is Fate.LOST:
            return Unknown("no answer")
        assert all(call.status.is_final for call in self.calls if call.to == request.to), "rung twice at once"
        sid = f"CA{uuid4().hex}"
        self.calls.append(CarrierCall(sid, request.to, OURS, CallStatus.RINGING, self.clock(), None, None))
        self.attempts[sid] = attempt_in(request.status_url)
        self.points.passes("after a create")
        return Unknown("no answer") if fate is Fate.CUT else Accepted(sid, CallStatus.QUEUED)

    async def ask(self, sid: str) -> CarrierCall | None:
        self.points.passes("before asking")
        return next((call for call in self.calls if call.sid == sid), None)

    async def list_calls(self, to: str, from_numbers: Sequence[str], created_since: datetime) -> list[CarrierCall]:
        self.points.passes("before listing")
        return [call for call in self.calls if call.to == to and (call.created_at or created_since) >= created_since]

    async def hang_up(self, sid: str) -> None:
        self.points.passes("before hanging up")
        self.becomes(sid, CallStatus.COMPLETED)

    def becomes(self, sid: str, status: CallStatus) -> None:
        self.calls = [
            replace(call, status=status) if call.sid == sid and not call.status.is_final else call
            for call in self.calls
        ]


def attempt_in(url: str) -> UUID:
    """The attempt that a callback address is about."""
    return UUID(parse_qs(urlsplit(url).query)["attempt"][0])


class Life:
    """One person's call-out, from the first doorbell to the end of the run."""

    def __init__(
        self, rt: Runtime, carrier: ScriptedCarrier, clock: TurnedClock, person: NewRecipient, run: Run
    ) -> None:
        self.rt = rt
        self.carrier = carrier
        self.clock = clock
        self.person = person
        self.run = run
        self.is_acknowledged = False

    def restart(self) -> None:
        """Another process on the same database: it remembers nothing."""
        network = Network(cast(Carrier, self.carrier), (OURS,), InProcessPace(1_000, 100), "https://calls.example.org")
        self.rt = replace(self.rt, networks={RunMode.REAL: network})

    async def go(self, *, hears: bool, stops: bool) -> None:
        """All that happens in a life in which nothing dies. `hears`: callbacks come, twice and the last first."""
        await place_call(self.rt, self.person.id)
        await place_call(self.rt, self.person.id)
        if stops:
            await stop_run(self.rt, self.run.id, hang_up=True)
        for call in self.carrier.calls:
            self.carrier.becomes(call.sid, CallStatus.IN_PROGRESS)
            if hears:
                await self._hear(call.sid, CallStatus.IN_PROGRESS, CallStatus.RINGING)
                await self._press(call.sid)
            self.carrier.becomes(call.sid, CallStatus.COMPLETED)
            if hears:
                await self._hear(call.sid, CallStatus.COMPLETED)
        for seconds in (15, 60, 30, 5):
            await self._tick(seconds)

    async def end(self) -> None:
        """Everything goes well from now on, but no callback comes."""
        self.restart()
        await recover_after_start(self.rt)
        for _ in range(LIFE_ROUNDS):
            await self._tick(ROUND_SECONDS)
            for call in self.carrier.calls:
                self.carrier.becomes(call.sid, CallStatus.COMPLETED)
            async with self.rt.database.reading() as tx:
                if (await runs.get(tx, self.run.id)).ended_at is not None:
                    return

    async def _tick(self, seconds: float) -> None:
        self.clock.turn(seconds=seconds)
        await reconcile_calls(self.rt)
        await keep_runs(self.rt)
        await place_call(self.rt, self.person.id)

    async def _hear(self, sid: str, *statuses: CallStatus) -> None:
        named = CallNamed(self.carrier.attempts[sid], sid, RunMode.REAL)
        for status in [*statuses, *statuses]:
            await record_status(self.rt, named, status_word(sid, status))

    async def _press(self, sid: str) -> None:
        for _ in range(2):
            told = await record_press(self.rt, CallNamed(self.carrier.attempts[sid], sid, RunMode.REAL), 0, "1")
            self.is_acknowledged = self.is_acknowledged or told is not None
