"""Which part of the system is down, and since when, as the process that shows it sees it.

Asked for by people who look at a page; it answers at once, also while the database is away.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
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
    SCHEDULER = "scheduler"
    DISK = "disk"


class PartState(StrEnum):
    WORKS = "works"
    HALF = "half"  # others of its kind stand in, or it will soon be down
    DOWN = "down"
    NOT_SET_UP = "not set up"


SEVERITY = (PartState.NOT_SET_UP, PartState.WORKS, PartState.HALF, PartState.DOWN)
WORKERS = {SystemPart.CALL_WORKERS: "call", SystemPart.SPEECH: "tts", SystemPart.SCHEDULER: "scheduler"}
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
                alive = workers.count_alive(await workers.everybody(tx), await workers.time_here(tx, rt.clock()))
                found += [_workers(part, kind, alive[kind]) for part, kind in WORKERS.items()]
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
        resting = self._rt.speech.resting()
        if not resting:
            return PartStatus(SystemPart.SPEECH, PartState.WORKS)
        others = len(resting) < self._rt.speech.engine_count
        why = "; ".join(f"{name}: {reason}" for name, reason in resting.items())
        return PartStatus(SystemPart.SPEECH, PartState.HALF if others else PartState.DOWN, why=why)

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


def _workers(part: SystemPart, kind: str, alive: int) -> PartStatus:
    if alive:
        return PartStatus(part, PartState.WORKS)
    return PartStatus(part, PartState.DOWN, why=f"no {kind} worker has told for 15 seconds that it lives")
