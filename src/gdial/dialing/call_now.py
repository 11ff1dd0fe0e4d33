"""Whether somebody may be rung ahead of the others, and who they are from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from gdial.dialing.model import Recipient
from gdial.dialing.states import RecipientState, RunState
from gdial.errors import Conflict


class Hindrance(StrEnum):
    """Why somebody cannot be rung now."""

    RUN_IS_NOT_RUNNING = "the run is not running"
    IS_BEING_RUNG = "this person is being rung already"
    HAS_ENDED = "it has ended for this person; start a new call to ring them again"


def hindrance(recipient: Recipient) -> Hindrance | None:
    """None when this person may be rung now."""
    if recipient.state is RecipientState.ENDED:
        return Hindrance.HAS_ENDED
    if recipient.state is RecipientState.CALLING or recipient.open_attempt_id is not None:
        return Hindrance.IS_BEING_RUNG
    return None if recipient.run_state is RunState.RUNNING else Hindrance.RUN_IS_NOT_RUNNING


def bring_forward(recipient: Recipient, now: datetime) -> Recipient:
    """Due at once, on the same number as before; the claim decides as ever. Raises Conflict, saying what hinders."""
    found = hindrance(recipient)
    if found is not None:
        raise Conflict(found.value)
    due_at = now if recipient.due_at is None else min(recipient.due_at, now)
    return replace(recipient, due_at=due_at, feeds=0)
