"""Bring people into a run that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from gdial.actions.prepare_run import RunWish, language_chooser, recipient_rows
from gdial.actions.run_content import own_content, translations_of
from gdial.actions.system_settings import load_values
from gdial.dialing.states import RunMode, RunState
from gdial.errors import Conflict, InvalidInput
from gdial.runtime import Records
from gdial.storage import late_recipients, runs
from gdial.storage.contacts import PersonToRing
from gdial.storage.database import Transaction
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

OPEN_STATES = (RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED)


async def join_run(tx: Transaction, rt: Records, run_id: UUID, wish: RunWish, people: Sequence[PersonToRing]) -> Run:
    """Those of `people` who are not in the run are due in it, after everybody who was; who is in it stays as they are.

    They hear what the run says, by its policy and with its priority. Raises NotFound, Conflict for a run that is over,
    InvalidInput when the wish names other words; IntegrityError when somebody was removed at this moment.
    """
    run = await runs.get(tx, run_id, lock=True)
    if run.state not in OPEN_STATES:
        raise Conflict(f"run {run.id} is {run.state}: nobody can be added to a run that is over")
    _require_its_mode(run, wish)
    _require_its_words(run, wish)
    there = await late_recipients.already_in(
        tx, run.id, [person.contact_id for person in people if person.contact_id is not None]
    )
    new = [person for person in people if person.contact_id not in there]
    content = own_content(run)
    default_language = (await load_values(tx, rt.settings)).text("default_language")
    choose = language_chooser(content, translations_of(run, content), default_language)
    position = await late_recipients.next_position(tx, run.id)
    for rows in await recipient_rows(tx.dialect, run, new, choose, rt.clock(), position):
        await tx.insert_rows(rows)
    log.info("people joined a run", run=str(run.id), recipients=len(new), already_in=len(there))
    return run


def _require_its_mode(run: Run, wish: RunWish) -> None:
    if wish.mode is RunMode.DRILL and run.mode is RunMode.REAL:
        raise InvalidInput("is a real run, and this came by the queue of drills", where="call_run_id")


def _require_its_words(run: Run, wish: RunWish) -> None:
    """A run says one thing to everybody: what is named beside it must be just that."""
    named = {
        "message_id": (wish.message_id, run.message_id),
        "custom_message_id": (wish.custom_message_id, run.custom_message_log_id),
        "custom_message_content": (wish.text, run.text),
    }
    for where, (wished, said) in named.items():
        if wished is not None and wished != said:
            raise InvalidInput(
                f"run {run.id} says something else: leave {where} out to have the run's words, or call_run_id to have "
                "a call of its own",
                where=where,
            )
