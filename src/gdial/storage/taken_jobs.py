"""Jobs of other programs that were taken up: a second delivery finds its id here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import taken_jobs


async def insert_if_new(tx: Transaction, job_id: UUID, now: datetime) -> bool:
    """False when the job was taken before. Waits for a transaction that takes it at this moment, on PostgreSQL."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(taken_jobs).values(job_id=job_id, taken_at=now).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount == 1


async def name_run(tx: Transaction, job_id: UUID, run_id: UUID) -> None:
    """The run that the job came into; it is stored by now."""
    await tx.execute(update(taken_jobs).where(taken_jobs.c.job_id == job_id).values(call_run_id=run_id))


async def is_taken(tx: Transaction, job_id: UUID) -> bool:
    query = select(taken_jobs.c.job_id).where(taken_jobs.c.job_id == job_id)
    return (await tx.execute(query)).scalar_one_or_none() is not None


async def forget(tx: Transaction, before: datetime) -> None:
    """Take out the jobs taken before this moment; one that came again after that would be done again."""
    await tx.execute(delete(taken_jobs).where(taken_jobs.c.taken_at < before))
