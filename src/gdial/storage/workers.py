"""The processes of an installation: each writes down, every few seconds, that it lives and what it has done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import workers

BEAT_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=15)
"""Nothing was seen of it for this long: three beats."""
FORGOTTEN_AFTER = timedelta(days=1)
MISSED_FOR = timedelta(minutes=15)
"""Then nobody expects a dead one back."""
CHANGING = (
    "seen_at",
    "jobs_done",
    "jobs_failed",
    "busy_seconds",
    "speech_away_since",
    "speech_away_why",
    "is_mute",
)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process. `metrics_address` is `host:port`, None where it has no door; `kind` says what it does.
    `speech_away_since`: its voices do not give the sound they should; `is_mute`: none of them gives any."""

    id: UUID
    kind: str
    host: str
    process_id: int
    metrics_address: str | None
    started_at: datetime
    seen_at: datetime
    jobs_done: int
    jobs_failed: int
    busy_seconds: float
    speech_away_since: datetime | None = None
    speech_away_why: str | None = None
    is_mute: bool = False

    def is_alive(self, now: datetime) -> bool:
        return now - self.seen_at < DEAD_AFTER


async def time_here(tx: Transaction, now: datetime) -> datetime:
    """The database's clock where several machines write: theirs may differ. On SQLite there is one, `now`."""
    if tx.dialect.name != "postgresql":
        return now
    told: datetime = (await tx.execute(select(func.now()))).scalar_one()
    return told


async def beat(tx: Transaction, worker: Worker) -> None:
    """Write down that this process lives."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    row = {name: getattr(worker, name) for name in Worker.__slots__}
    statement = insert(workers).values(row)
    changed = {name: statement.excluded[name] for name in CHANGING}
    await tx.execute(statement.on_conflict_do_update(index_elements=[workers.c.id], set_=changed))


async def remove(tx: Transaction, worker_id: UUID) -> None:
    await tx.execute(delete(workers).where(workers.c.id == worker_id))


async def forget_long_dead(tx: Transaction, now: datetime) -> None:
    await tx.execute(delete(workers).where(workers.c.seen_at < now - FORGOTTEN_AFTER))


async def everybody(tx: Transaction) -> list[Worker]:
    """By kind, the longest running first; the dead of the last day among them."""
    query = select(workers).order_by(workers.c.kind, workers.c.started_at, workers.c.id)
    return [Worker(**{name: getattr(row, name) for name in Worker.__slots__}) for row in await tx.execute(query)]


def count_alive(found: Sequence[Worker], now: datetime) -> Counter[str]:
    """How many live, by kind."""
    return Counter(worker.kind for worker in found if worker.is_alive(now))


def missed(found: Sequence[Worker], kind: str, now: datetime) -> list[Worker]:
    """Those of this kind that fell silent without a word within the last minutes, and in whose place none was started;
    the latest last."""
    own = [worker for worker in found if worker.kind == kind]
    dead = [worker for worker in own if not worker.is_alive(now) and now - worker.seen_at < MISSED_FOR]
    dead.sort(key=lambda worker: worker.seen_at)
    started = [worker for worker in own if worker.is_alive(now) and dead and worker.started_at > dead[0].seen_at]
    return dead[len(started) :]
