"""What came of a create and how an unknown one was settled, noted beside the attempt for the ledger."""

from __future__ import annotations

from gdial.dialing import events
from gdial.dialing.events import Event
from gdial.dialing.ledger import Placing, Settlement
from gdial.dialing.model import Attempt
from gdial.dialing.states import AttemptState
from gdial.storage.attempts import PlacingMarks

PLACINGS: dict[type[Event], Placing] = {
    events.CallAccepted: Placing.ACCEPTED,
    events.NumberRefused: Placing.BAD_NUMBER,
    events.CallPutOff: Placing.PUT_OFF,
    events.AccountRefused: Placing.ACCOUNT_REFUSED,
    events.CallRefused: Placing.CALL_REFUSED,
    events.PlacingLost: Placing.UNKNOWN,
}


def marks_of(event: Event, before: Attempt, after: Attempt, *, by_list: bool) -> PlacingMarks:
    """The first placing stands; of settlements the last one, because a call given up may be heard of after all.

    `by_list`: it was the carrier's list that told.
    """
    placing = None if by_list else PLACINGS.get(type(event))
    return PlacingMarks(placing, _settlement(event, before, after, by_list=by_list))


def _settlement(event: Event, before: Attempt, after: Attempt, *, by_list: bool) -> Settlement | None:
    if isinstance(event, events.PlacingLost):
        return Settlement.CALLBACK if before.sid is not None else None
    if isinstance(event, events.CallNeverWas):
        return Settlement.NEVER_RANG if before.is_open and not after.is_open else None
    if before.sid is not None or after.sid is None:
        return None
    if before.state is AttemptState.CLOSED:
        return Settlement.LATE_CALL
    if before.state is not AttemptState.UNKNOWN:
        return None
    if isinstance(event, events.CallAccepted):
        return Settlement.LIST if by_list else Settlement.ANSWER
    return Settlement.CALLBACK
