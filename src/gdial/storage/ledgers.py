"""The ledger of a run: counted from its people and attempts, kept as it stood at the end, and what came after that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from gdial.dialing.ledger import REFUSALS, Amendment, AttemptFigures, Ledger, PeopleFigures, Placing, Settlement
from gdial.dialing.states import AttemptState, Outcome, Reason, RecipientState
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, ledger_amendments, recipients, run_ledgers

NO_CODE = "no code"


@dataclass(frozen=True, slots=True)
class WrittenLedger:
    """As it was when the run ended. `faults` is what did not add up then."""

    written_at: datetime
    ledger: Ledger
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredAmendment:
    """`attempt_id` None: it was no call of ours that brought it about."""

    id: UUID
    run_id: UUID
    recipient_id: UUID
    attempt_id: UUID | None
    amended_at: datetime
    change: Amendment
    name: str = ""


async def count(tx: Transaction, run_id: UUID) -> Ledger:
    """As it stands now."""
    return Ledger(await _count_people(tx, run_id), await _count_attempts(tx, run_id))


async def insert(tx: Transaction, run_id: UUID, written: WrittenLedger) -> None:
    await tx.execute(
        run_ledgers.insert().values(
            call_run_id=run_id,
            written_at=written.written_at,
            figures=asdict(written.ledger),
            faults=list(written.faults),
        )
    )


async def find(tx: Transaction, run_id: UUID) -> WrittenLedger | None:
    """None of a run that goes on, or that ended before ledgers were kept."""
    row = (await tx.execute(select(run_ledgers).where(run_ledgers.c.call_run_id == run_id))).one_or_none()
    if row is None:
        return None
    people, made = row.figures["people"], row.figures["attempts"]
    return WrittenLedger(row.written_at, Ledger(PeopleFigures(**people), AttemptFigures(**made)), tuple(row.faults))


async def amend(tx: Transaction, amendment: StoredAmendment) -> None:
    await tx.execute(
        ledger_amendments.insert().values(
            id=amendment.id,
            call_run_id=amendment.run_id,
            recipient_id=amendment.recipient_id,
            call_log_id=amendment.attempt_id,
            amended_at=amendment.amended_at,
            **asdict(amendment.change),
        )
    )


async def amendments(tx: Transaction, run_id: UUID) -> Sequence[StoredAmendment]:
    """In the order in which they were made, with the people's names."""
    query = (
        select(ledger_amendments, recipients.c.name)
        .join(recipients, recipients.c.id == ledger_amendments.c.recipient_id)
        .where(ledger_amendments.c.call_run_id == run_id)
        .order_by(ledger_amendments.c.amended_at, ledger_amendments.c.id)
    )
    return [_read_amendment(row) for row in await tx.execute(query)]


def _read_amendment(row: Any) -> StoredAmendment:
    change = Amendment(row.outcome_before, row.reason_before, row.outcome_after, row.reason_after)
    return StoredAmendment(
        row.id, row.call_run_id, row.recipient_id, row.call_log_id, row.amended_at, change, name=row.name
    )


async def _count_people(tx: Transaction, run_id: UUID) -> PeopleFigures:
    query = (
        select(
            recipients.c.state,
            recipients.c.outcome,
            recipients.c.reason,
            func.count().label("people"),
            func.sum(recipients.c.attempts).label("attempts"),
        )
        .where(recipients.c.run_id == run_id)
        .group_by(recipients.c.state, recipients.c.outcome, recipients.c.reason)
    )
    tally: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {}
    rung = 0
    for row in await tx.execute(query):
        place = row.outcome if row.state == RecipientState.ENDED else row.state
        tally[place] = tally.get(place, 0) + row.people
        rung += int(row.attempts)
        if row.state == RecipientState.ENDED:
            of_outcome = reasons.setdefault(row.outcome, {})
            of_outcome[row.reason or ""] = of_outcome.get(row.reason or "", 0) + row.people
    return PeopleFigures(
        recipients=sum(tally.values()),
        waiting=tally.get(RecipientState.WAITING, 0),
        calling=tally.get(RecipientState.CALLING, 0),
        reached=tally.get(Outcome.REACHED, 0),
        not_reached=tally.get(Outcome.NOT_REACHED, 0),
        stopped=tally.get(Outcome.STOPPED, 0),
        attempts=rung,
        keys_without_call=await _count_keys_without_call(tx, run_id),
        reasons=reasons,
    )


async def _count_keys_without_call(tx: Transaction, run_id: UUID) -> int:
    of_theirs = (call_logs.c.id == recipients.c.answer_attempt_id) & (call_logs.c.recipient_id == recipients.c.id)
    query = (
        select(func.count())
        .select_from(recipients.outerjoin(call_logs, of_theirs))
        .where(recipients.c.run_id == run_id, recipients.c.reason == Reason.KEY, call_logs.c.id.is_(None))
    )
    return (await tx.execute(query)).scalar_one()


async def _count_attempts(tx: Transaction, run_id: UUID) -> AttemptFigures:
    has_call = call_logs.c.call_sid.is_not(None)
    kinds = (
        call_logs.c.placed_as,
        call_logs.c.settled_by,
        call_logs.c.state,
        call_logs.c.status,
        call_logs.c.answered,
        has_call.label("has_call"),
    )
    query = select(*kinds, func.count().label("number")).where(call_logs.c.call_run_id == run_id)
    rows = (await tx.execute(query.group_by(*kinds[:-1], has_call))).all()
    return AttemptFigures(
        attempts=sum(row.number for row in rows),
        open=sum(row.number for row in rows if row.state != AttemptState.CLOSED),
        being_placed=sum(row.number for row in rows if _placing_of(row) is None),
        unsettled=sum(row.number for row in rows if row.placed_as == Placing.UNKNOWN and row.settled_by is None),
        answered=sum(row.number for row in rows if row.answered),
        lived_after_all=sum(row.number for row in rows if _lived_after_all(row)),
        placing=_tally((_placing_of(row), row.number) for row in rows),
        settled=_tally((row.settled_by, row.number) for row in rows if row.placed_as == Placing.UNKNOWN),
        codes=await _count_codes(tx, run_id),
        statuses=_tally((row.status, row.number) for row in rows if row.has_call),
    )


def _placing_of(row: Any) -> str | None:
    """A call that spoke before its create was answered, and whose worker then ended, was accepted."""
    return row.placed_as or (Placing.ACCEPTED.value if row.has_call else None)


def _lived_after_all(row: Any) -> bool:
    return bool(row.has_call) and (row.placed_as in REFUSALS or row.settled_by == Settlement.LATE_CALL)


def _tally(counted: Any) -> dict[str, int]:
    tally: dict[str, int] = {}
    for name, number in counted:
        if name is not None:
            tally[name] = tally.get(name, 0) + number
    return dict(sorted(tally.items()))


async def _count_codes(tx: Transaction, run_id: UUID) -> dict[str, int]:
    query = (
        select(call_logs.c.error_code, func.count())
        .where(call_logs.c.call_run_id == run_id, call_logs.c.placed_as.in_(REFUSALS))
        .group_by(call_logs.c.error_code)
    )
    return _tally((code or NO_CODE, number) for code, number in await tx.execute(query))
