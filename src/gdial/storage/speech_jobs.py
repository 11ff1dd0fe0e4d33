"""Texts that somebody asked to have spoken: queued → running → done or failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.tables import speech_jobs


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """`engine`, `voice` and `format` are as they were asked for, None where that was left open; `made_by` and
    `made_format` what was heard. `made_by` None: the piece was there, and who made it is not known."""

    id: UUID
    text: str
    language: str
    engine: str | None
    voice: str | None
    speed: float
    pitch: float
    format: str
    created_at: datetime
    state: JobState = JobState.QUEUED
    tries: int = 0
    audio_name: str | None = None
    made_by: str | None = None
    made_format: str | None = None
    seconds: float | None = None
    error: str = ""
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN_STATES


async def insert(tx: Transaction, job: SpeechJob, publish_at: datetime) -> None:
    values = {name: getattr(job, name) for name in SpeechJob.__slots__}
    await tx.execute(speech_jobs.insert().values(values | {"publish_at": publish_at}))


async def get(tx: Transaction, job_id: UUID) -> SpeechJob:
    """Raises NotFound."""
    row = (await tx.execute(select(speech_jobs).where(speech_jobs.c.id == job_id))).one_or_none()
    if row is None:
        raise NotFound("speech job", job_id)
    return _read(row)


async def count_open(tx: Transaction) -> int:
    query = select(func.count()).select_from(speech_jobs).where(speech_jobs.c.publish_at.is_not(None))
    return (await tx.execute(query)).scalar_one()


async def any_to_publish(tx: Transaction, now: datetime) -> bool:
    query = select(speech_jobs.c.id).where(speech_jobs.c.publish_at <= now).limit(1)
    return (await tx.execute(query)).one_or_none() is not None


async def take_to_publish(tx: Transaction, now: datetime, again_at: datetime, limit: int) -> Sequence[UUID]:
    """Those that nobody laid on the queue, or of which nothing was heard since; the oldest first."""
    query = (
        select(speech_jobs.c.id)
        .where(speech_jobs.c.publish_at <= now)
        .order_by(speech_jobs.c.publish_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(query)).scalars())
    await set_publish_at(tx, ids, again_at)
    return ids


async def set_publish_at(tx: Transaction, ids: Sequence[UUID], when: datetime) -> None:
    """Of those that are not over."""
    unfinished = speech_jobs.c.id.in_(ids) & speech_jobs.c.publish_at.is_not(None)
    await tx.execute(update(speech_jobs).where(unfinished).values(publish_at=when))


async def publish_all_again(tx: Transaction, now: datetime) -> None:
    """What waits lies on no queue: the one inside the process has just been made."""
    await tx.execute(update(speech_jobs).where(speech_jobs.c.publish_at.is_not(None)).values(publish_at=now))


async def begin(tx: Transaction, job_id: UUID, again_at: datetime) -> None:
    """A worker has it in hand, once more. One that is over stays as it is."""
    await tx.execute(
        update(speech_jobs)
        .where(speech_jobs.c.id == job_id, speech_jobs.c.state.in_(OPEN_STATES))
        .values(state=JobState.RUNNING, tries=speech_jobs.c.tries + 1, publish_at=again_at)
    )


async def finish(tx: Transaction, job_id: UUID, state: JobState, now: datetime, **made: Any) -> None:
    """The first word stands. `made`: what is known of the sound, or the error."""
    await tx.execute(
        update(speech_jobs)
        .where(speech_jobs.c.id == job_id, speech_jobs.c.state.in_(OPEN_STATES))
        .values(state=state, ended_at=now, publish_at=None, **made)
    )


async def maker_of(tx: Transaction, audio_name: str) -> str | None:
    """The engine that an earlier job had this piece from."""
    query = select(speech_jobs.c.made_by).where(
        speech_jobs.c.audio_name == audio_name, speech_jobs.c.made_by.is_not(None)
    )
    return (await tx.execute(query.limit(1))).scalar_one_or_none()


async def forget(tx: Transaction, before: datetime, most: int) -> None:
    """Take out those made before this moment, and the oldest that are over above `most`."""
    own = speech_jobs.c
    await tx.execute(delete(speech_jobs).where(own.created_at < before))
    over = own.state.not_in(OPEN_STATES)
    beyond = select(own.created_at).where(over).order_by(own.created_at.desc()).offset(most).limit(1).scalar_subquery()
    await tx.execute(delete(speech_jobs).where(over, own.created_at <= beyond))


def _read(row: Any) -> SpeechJob:
    values = {name: getattr(row, name) for name in SpeechJob.__slots__}
    return SpeechJob(**values | {"state": JobState(row.state)})
