"""The ledger of a run: written as it ends, amended by what is heard after that, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from gdial.dialing.ledger import Amendment, Ledger, find_faults, find_silent_changes
from gdial.dialing.model import Recipient
from gdial.dialing.states import Outcome
from gdial.runtime import Records
from gdial.storage import ledgers, runs
from gdial.storage.database import Transaction
from gdial.storage.ledgers import StoredAmendment, WrittenLedger
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerView:
    """`now` is counted as it is asked for; `at_end` is what was written when the run ended, None while it goes on and
    of a run that ended before ledgers were kept. `faults` is everything that does not add up, in sentences."""

    run: Run
    now: Ledger
    at_end: WrittenLedger | None
    amendments: Sequence[StoredAmendment]
    faults: tuple[str, ...]

    @property
    def balances(self) -> bool:
        return not self.faults


async def write_ledger(tx: Transaction, run_id: UUID, now: datetime) -> WrittenLedger:
    """In the transaction that closes the run, which holds its lock."""
    ledger = await ledgers.count(tx, run_id)
    written = WrittenLedger(now, ledger, tuple(find_faults(ledger, is_over=True)))
    await ledgers.insert(tx, run_id, written)
    return written


async def show_ledger(rt: Records, run_id: UUID) -> LedgerView:
    """Raises NotFound."""
    view = await _look(rt, run_id)
    # On PostgreSQL each statement sees what is committed by then: a word between two of them looks like a fault, once.
    return view if view.balances else await _look(rt, run_id)


async def _look(rt: Records, run_id: UUID) -> LedgerView:
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        at_end = await ledgers.find(tx, run_id)
        amendments = await ledgers.amendments(tx, run_id)
        now = await ledgers.count(tx, run_id)
    faults = find_faults(now, is_over=run.ended_at is not None)
    if at_end is not None:
        changes = [amendment.change for amendment in amendments]
        faults += [fault for fault in at_end.faults if fault not in faults]
        faults += find_silent_changes(at_end.ledger.people, changes, now.people)
    return LedgerView(run, now, at_end, amendments, tuple(faults))


async def amend_ledger(
    tx: Transaction, before: StoredRecipient, after: Recipient, attempt_id: UUID | None, now: datetime
) -> None:
    """Note what a word made of an outcome after the run had ended; nothing else is noted, and at no other time."""
    outcome, reason = before.facts.outcome, before.facts.reason
    if outcome is None or after.outcome is None or (outcome, reason) == (after.outcome, after.reason):
        return
    # The run may be closing at this moment: whoever has its lock first is in the ledger as it is written.
    run = await runs.get(tx, before.run.id, lock=True)
    if run.ended_at is None:
        return
    change = Amendment(outcome, reason or "", after.outcome, after.reason or "")
    await ledgers.amend(tx, StoredAmendment(uuid4(), run.id, before.id, attempt_id, now, change))
    if after.outcome is Outcome.REACHED and outcome is not Outcome.REACHED:
        log.info("a word after the end of its run reached a person", run=str(run.id), recipient=str(before.id))
