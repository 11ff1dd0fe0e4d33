"""A carrier that does not answer: ask until it does, and let everybody know meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from gdial.dialing.breaker import PAUSES_SECONDS, BreakerState
from gdial.dialing.states import RunMode
from gdial.errors import CarrierUnavailable, DatabaseUnavailable
from gdial.monitoring import metrics
from gdial.runtime import Network, Records, Runtime
from gdial.storage import outages, workers
from gdial.storage.database import Transaction
from gdial.storage.outages import Outage

log = structlog.get_logger(__name__)

REST_AFTER_A_FAULT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A carrier that does not answer; `is_total`: no process that is alive rings over it."""

    since: datetime
    why: str
    is_total: bool


async def silence_of(tx: Transaction, rt: Records, mode: RunMode) -> Silence | None:
    """None while every process has its answers."""
    lasting = await outages.under_way(tx, mode, rt.clock())
    if not lasting:
        return None
    is_total = rt.settings.rabbitmq_url is None
    if not is_total:
        now = await workers.time_here(tx, rt.clock())
        is_total = len(lasting) >= workers.count_alive(await workers.everybody(tx), now)["call"]
    return Silence(lasting[0].since, lasting[-1].why, is_total)


class CarrierWatch:
    """Of one process and one network. `run` it beside the call worker."""

    def __init__(self, rt: Runtime, mode: RunMode, network: Network) -> None:
        self._rt = rt
        self._mode = mode
        self._network = network
        self._process_id: UUID = uuid4()
        self._since: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        metrics.breaker_open.labels(self._mode).set(0)
        while True:
            await self._network.breaker.suspected.wait()
            try:
                await self._make_sure()
                if self._network.breaker.opened.is_set():
                    await self._see_through()
            except Exception:
                log.exception("asking the carrier failed", mode=self._mode)
                await asyncio.sleep(REST_AFTER_A_FAULT_SECONDS)

    async def _make_sure(self) -> None:
        """A create was not answered: too few may follow to tell a carrier that is away from a call that was lost."""
        breaker = self._network.breaker
        while breaker.suspected.is_set() and not breaker.opened.is_set():
            await self._rest(PAUSES_SECONDS[0])
            if breaker.suspected.is_set() and not breaker.opened.is_set():
                await self._put_question()

    async def _see_through(self) -> None:
        breaker = self._network.breaker
        self._tell_away()
        try:
            while breaker.state is not BreakerState.CLOSED:
                await self._store()
                await self._rest(breaker.ask_in_seconds)
                await self._ask()
            self._tell_back()
        finally:
            await self._store(is_over=True)
            metrics.breaker_open.labels(self._mode).set(0)
            self._since = None
            self._rt.bells.feed.set()

    def _tell_away(self) -> None:
        metrics.breaker_open.labels(self._mode).set(1)
        why = self._network.breaker.why
        self._rt.alarms.sound(
            "carrier away",
            "the carrier does not answer; nobody is rung until it does, and nobody is lost",
            mode=self._mode,
            why=why,
        )

    def _tell_back(self) -> None:
        self._rt.alarms.sound_over("carrier away", "the carrier answers again; calls go on", mode=self._mode)

    async def _rest(self, seconds: float) -> None:
        """Until the next question is due, or a create has told."""
        try:
            async with asyncio.timeout(seconds):
                state = self._network.breaker.state
                while self._network.breaker.state is state:
                    await self._network.breaker.changes()
        except TimeoutError:
            return

    async def _ask(self) -> None:
        breaker = self._network.breaker
        if breaker.state is not BreakerState.CLOSED and breaker.ask_in_seconds <= 0 and await self._put_question():
            self._rt.bells.feed.set()

    async def _put_question(self) -> bool:
        """Whether it was answered."""
        breaker = self._network.breaker
        try:
            await self._network.carrier.check_answer()
        except CarrierUnavailable as error:
            log.warning("the carrier is still away", mode=self._mode, why=str(error))
            breaker.why = str(error)
            breaker.note_question(is_answered=False)
            return False
        breaker.note_question(is_answered=True)
        return True

    async def _store(self, *, is_over: bool = False) -> None:
        """While it answers questions, others need not know: people are fed again."""
        breaker = self._network.breaker
        try:
            async with self._rt.database.transaction() as tx:
                now = await workers.time_here(tx, self._rt.clock())
                self._since = self._since or now
                if is_over or breaker.state is BreakerState.HALF_OPEN:
                    await outages.remove(tx, self._process_id, self._mode, now)
                else:
                    await outages.keep(tx, Outage(self._process_id, self._mode, self._since, now, breaker.why))
        except DatabaseUnavailable as error:
            log.warning("others are not told of the carrier's silence", mode=self._mode, why=str(error))
