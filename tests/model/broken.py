"""GDial as it must not be: each breaks one rule, and the search has to find out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from gdial.carriers.base import Placing, Unknown
from gdial.dialing import events
from gdial.dialing.events import AttemptEvent
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RunState
from gdial.dialing.steps import Decision
from tests.model.shell import KEY, SETTINGS, Shell
from tests.model.state import NOW, Asker, Create, Heard, State, Tried, sid_of


class RedialsTheUnknown(Shell):
    """Takes a create without an answer for one that was not made."""

    def event_of(self, placing: Placing, facts: Attempt) -> AttemptEvent:
        if isinstance(placing, Unknown):
            return events.CallPutOff(facts, "", placing.reason)
        return super().event_of(placing, facts)


class SendsAgain(Shell):
    """An HTTP client that repeats what was not answered."""

    def after_silence(self, state: State, create: Create) -> State:
        return state._replace(creates=state.creates | {create._replace(within_seconds=create.within_seconds + 1)})


class ReadsTheListOnce(Shell):
    """Gives up before the list has caught up."""

    unknown_lists = 1


class SendsHoweverLate(Shell):
    """Does not look at the clock between claim and create."""

    claim_margin_seconds = 1_000


class HasNoIndexes(Shell):
    """Several open attempts to one number."""

    def is_taken(self, state: State, who: int, number: str) -> bool:
        return False


class LetsGoOfTheUnknown(Shell):
    """An unknown call holds its number no more."""

    def is_taken(self, state: State, who: int, number: str) -> bool:
        return any(
            state.number_of(open_) == number and state.tried[open_].facts.state is not AttemptState.UNKNOWN
            for open_ in state.open_attempts()
        )


class LetsALateWordUndo(Shell):
    """The end of a call counts for more than the key before it."""

    def core(self, recipient: Recipient, event: events.Event) -> Decision:
        decision = super().core(recipient, event)
        if isinstance(event, events.StatusHeard) and event.status is CallStatus.COMPLETED and recipient.outcome:
            return replace(decision, recipient=replace(decision.recipient, outcome=Outcome.NOT_REACHED))
        return decision


class ThanksBeforeItStores(Shell):
    """Answers 2xx to a key, and dies."""

    def hear(self, state: State, heard: Heard) -> State:
        if heard.word == KEY:
            return state._replace(acknowledged=state.acknowledged | {heard.call})
        return super().hear(state, heard)


class DoesNotLookAgain(Shell):
    """Saves what follows from what the reconciler saw before it asked."""

    def save_if_unchanged(self, state: State, asker: Asker, event: AttemptEvent) -> State:
        return self.decide_and_save(state, state.tried[asker.attempt].who, event, asker.attempt)


class TakesCallsOfOthers(Shell):
    """What the list shows is its own, whatever has become of the attempt meanwhile."""

    def adopt(self, state: State, asker: Asker, candidates: list[tuple[int, CallStatus]]) -> Iterator[State]:
        call, status = candidates[0]
        state = self.save_if_unchanged(state, asker, events.CallAccepted(asker.seen, sid_of(call), status))
        yield from self.record_asked(state, asker.attempt, call, status)


class ShortensTheWait(Shell):
    """A word that settles nothing brings the next look forward."""

    def ask_at(self, before: Attempt, after: Attempt) -> datetime | None:
        if before.state is after.state is AttemptState.UNKNOWN:
            return NOW + timedelta(seconds=SETTINGS.unknown_second_list_sec)
        return super().ask_at(before, after)


class ForgetsDeadWorkers(Shell):
    """Nobody looks at a claim whose worker is gone."""

    def takes_up(self, tried: Tried) -> bool:
        return super().takes_up(tried) and tried.facts.state is not AttemptState.CLAIMED


class WaitsForCallbacks(Shell):
    """Nobody asks about a call of which nothing is heard."""

    def takes_up(self, tried: Tried) -> bool:
        return super().takes_up(tried) and tried.facts.state is not AttemptState.PLACED


class ForgetsBadNumbers(Shell):
    """What the carrier said of a number is known to nobody but the person it was said of."""

    def why_not_now(self, state: State, number: str) -> events.NumberFoundBad | events.NumberRungEnough | None:
        return super().why_not_now(state._replace(bad_numbers=frozenset()), number)


class BrakesForEver(Shell):
    """Who was held back once is held back whenever it is their turn."""

    def why_not_now(self, state: State, number: str) -> events.NumberFoundBad | events.NumberRungEnough | None:
        return super().why_not_now(state, number) if state.brakes_left else events.NumberRungEnough(NOW)


class RingsOnAfterTheStop(Shell):
    """Whether the run still rings is not looked at."""

    def load(self, state: State, who: int) -> Recipient:
        return replace(super().load(state, who), run_state=RunState.RUNNING)


class StopsOnlyItself(Shell):
    """A run that is stopped tells nobody who waits in it."""

    def sweep(self, state: State, who: int) -> State | None:
        return None
