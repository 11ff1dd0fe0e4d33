"""Which part of the system is down, and since when, as the process that shows it sees it.

Asked for by people who look at a page; it answers at once, also while the database is away.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from gdial.actions.waiting import within
from gdial.actions.watch_carrier import silence_of
from gdial.actions.watch_database import QUIET_SECONDS
from gdial.dialing.breaker import BreakerState
from gdial.dialing.states import RunMode
from gdial.errors import DatabaseUnavailable
from gdial.runtime import Runtime
from gdial.storage import workers
from gdial.storage.trouble import TroubleKind
from gdial.storage.workers import Worker

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.5
FRESH_SECONDS = 2.0
LEAST_FREE_BYTES = 200_000_000
"""Below this the database and the audio have room for some minutes of a large run."""


class SystemPart(StrEnum):
    DATABASE = "database"
    BROKER = "broker"
    CARRIER = "carrier"
    DRILL_NETWORK = "drill network"
    SPEECH = "speech"
    CALL_WORKERS = "call workers"
    SPEECH_WORKERS = "speech workers"
    SCHEDULER = "scheduler"
    DISK = "disk"


class PartState(StrEnum):
    WORKS = "works"
    HALF = "half"  # others of its kind stand in, or it will soon be down
    DOWN = "down"
    NOT_SET_UP = "not set up"


SEVERITY = (PartState.NOT_SET_UP, PartState.WORKS, PartState.HALF, PartState.DOWN)
WORKERS = {SystemPart.CALL_WORKERS: "call", SystemPart.SPEECH_WORKERS: "tts", SystemPart.SCHEDULER: "scheduler"}
SPEAKING = frozenset({"tts", "call", "web"})
CARRIERS = {RunMode.REAL: SystemPart.CARRIER, RunMode.DRILL: SystemPart.DRILL_NETWORK}


@dataclass(frozen=True, slots=True)
class PartStatus:
    """`since` is None for a part that works or was never set up; `why` is what somebody was told who asked it."""

    part: SystemPart
    state: PartState
    since: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """The parts that this installation has, in the order in which calls need them."""

    parts: tuple[PartStatus, ...]
    looked_at: datetime

    @property
    def troubles(self) -> tuple[PartStatus, ...]:
        return tuple(part for part in self.parts if part.state in (PartState.DOWN, PartState.HALF))

    @property
    def missing(self) -> tuple[PartStatus, ...]:
        return tuple(part for part in self.parts if part.state is PartState.NOT_SET_UP)


class SystemWatch:
    """Looks when somebody asks, at most every two seconds, however many do."""

    def __init__(self, rt: Runtime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rt = rt
        self._monotonic = monotonic
        self._latest: SystemStatus | None = None
        self._looked_at = 0.0
        self._looking: asyncio.Task[SystemStatus] | None = None
        self._since: dict[SystemPart, datetime] = {}

    async def status(self) -> SystemStatus:
        """Of this moment, or two seconds old. Never raises for a part that is away, and never waits long for it."""
        if self._latest is not None and self._monotonic() - self._looked_at < FRESH_SECONDS:
            return self._latest
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> SystemStatus:
        found = [*await self._parts_asked(), self._speech_here(), await self._disk_here()]
        worst = {it.part: it for it in sorted(found, key=lambda it: SEVERITY.index(it.state))}
        in_order = [worst[part] for part in SystemPart if part in worst]
        self._latest = SystemStatus(tuple(map(self._dated, in_order)), self._rt.clock())
        self._looked_at = self._monotonic()
        return self._latest

    def _dated(self, status: PartStatus) -> PartStatus:
        """Where a part cannot tell since when, it is since we first saw it."""
        if status.state not in (PartState.DOWN, PartState.HALF):
            self._since.pop(status.part, None)
            return status
        since = status.since or self._since.get(status.part) or self._rt.clock()
        self._since[status.part] = since
        return PartStatus(status.part, status.state, since, status.why)

    async def _parts_asked(self) -> list[PartStatus]:
        broker = self._broker_here()
        try:
            return [*await within(ANSWER_SECONDS, self._ask_database()), *broker]
        except Exception as error:
            # Tables that are missing too: the strip is what tells of it.
            if not isinstance(error, (DatabaseUnavailable, TimeoutError)):
                log.exception("asking the database for the strip failed")
            away = PartStatus(SystemPart.DATABASE, PartState.DOWN, why=str(error) or type(error).__name__)
            return [away, *map(self._network_here, RunMode), *broker]

    async def _ask_database(self) -> list[PartStatus]:
        """What only the database knows of all processes."""
        rt = self._rt
        async with rt.database.reading() as tx:
            found = [PartStatus(SystemPart.DATABASE, PartState.WORKS)]
            for mode, part in CARRIERS.items():
                silence = await silence_of(tx, rt, mode) if mode in rt.networks else None
                if silence is None:
                    found.append(self._network_here(mode))
                else:
                    state = PartState.DOWN if silence.is_total else PartState.HALF
                    found.append(PartStatus(part, state, silence.since, silence.why))
            # While the broker is away this process does all their work.
            if rt.settings.rabbitmq_url is not None and rt.queue.is_connected:
                told, now = await workers.everybody(tx), await workers.time_here(tx, rt.clock())
                found += [_workers(part, kind, told, now) for part, kind in WORKERS.items()]
                found += self._speech_elsewhere([worker for worker in told if worker.is_alive(now)])
            return found

    def _broker_here(self) -> list[PartStatus]:
        if self._rt.settings.rabbitmq_url is None:
            return []
        is_there = self._rt.queue.is_connected
        return [PartStatus(SystemPart.BROKER, PartState.WORKS if is_there else PartState.DOWN)]

    def _network_here(self, mode: RunMode) -> PartStatus:
        network = self._rt.networks.get(mode)
        if network is None:
            return PartStatus(CARRIERS[mode], PartState.NOT_SET_UP)
        is_open = network.breaker.state is not BreakerState.CLOSED
        return PartStatus(
            CARRIERS[mode], PartState.DOWN if is_open else PartState.WORKS, why=network.breaker.why if is_open else ""
        )

    def _speech_here(self) -> PartStatus:
        """Of this process alone; where others speak too, it is never the whole."""
        trouble = self._rt.speech.health.trouble()
        if trouble is None:
            return PartStatus(SystemPart.SPEECH, PartState.WORKS)
        is_whole = trouble.is_mute and (self._rt.settings.rabbitmq_url is None or not self._rt.queue.is_connected)
        state = PartState.DOWN if is_whole else PartState.HALF
        return PartStatus(SystemPart.SPEECH, state, trouble.since, trouble.why)

    def _speech_elsewhere(self, alive: Sequence[Worker]) -> list[PartStatus]:
        """What the processes that speak tell of their voices: down when none of them gives sound."""
        speaking = [worker for worker in alive if worker.kind in SPEAKING]
        ill = [worker for worker in speaking if worker.speech_away_since is not None]
        if not ill:
            return []
        here = self._rt.speech.health.trouble()
        is_whole = here is not None and here.is_mute and all(worker.is_mute for worker in speaking)
        since = min(worker.speech_away_since for worker in ill if worker.speech_away_since is not None)
        why = "; ".join(f"{worker.kind} on {worker.host}: {worker.speech_away_why}" for worker in ill)
        state = PartState.DOWN if is_whole else PartState.HALF
        return [PartStatus(SystemPart.SPEECH, state, since, why)]

    async def _disk_here(self) -> PartStatus:
        """The database says itself when it has no room; of our own folder we see it coming."""
        trouble = self._rt.database.troubles.current(QUIET_SECONDS)
        if trouble is not None and trouble.kind is TroubleKind.FULL:
            return PartStatus(SystemPart.DISK, PartState.DOWN, why=trouble.why)
        folder = self._rt.settings.data_dir
        try:
            free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        except OSError as error:
            return PartStatus(SystemPart.DISK, PartState.DOWN, why=str(error))
        if free < LEAST_FREE_BYTES:
            return PartStatus(SystemPart.DISK, PartState.HALF, why=f"{free // 1_000_000} MB are free in {folder}")
        return PartStatus(SystemPart.DISK, PartState.WORKS)


def _workers(part: SystemPart, kind: str, told: Sequence[Worker], now: datetime) -> PartStatus:
    missed = workers.missed(told, kind, now)
    since = missed[-1].seen_at if missed else None
    if not workers.count_alive(told, now)[kind]:
        why = f"no {kind} worker has told for {workers.DEAD_AFTER.seconds} seconds that it lives"
        return PartStatus(part, PartState.DOWN, since, why)
    if missed:
        who = ", ".join(f"process {worker.process_id} on {worker.host}" for worker in missed)
        return PartStatus(part, PartState.HALF, since, f"no longer told that it lives: {who}")
    return PartStatus(part, PartState.WORKS)
