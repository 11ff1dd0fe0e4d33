"""What the actions do, one transaction or one request at a time, around the real core.

Each method is what one transaction of an action makes of what is stored, and follows it line by line; `decide`,
`may_be_dialled`, `next_ask_at`, the constants and the settings are GDial's own. A broken variant overrides one method.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from gdial.actions.deciding import CLAIM_MARGIN_SECONDS, next_ask_at
from gdial.actions.questions import round_seconds
from gdial.actions.reconcile_calls import ASK_AGAIN_SECONDS, LISTS_TO_BE_SURE
from gdial.carriers.base import Accepted, Placing, Refusal, Refused
from gdial.dialing import events
from gdial.dialing.decide import decide
from gdial.dialing.events import AttemptEvent
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import AttemptState, CallStatus, RecipientState, RunState
from gdial.dialing.steps import Decision, Dial, HangUpCall, MarkNumberBad, PauseRun
from gdial.settings import explicit_settings
from tests.model.state import NOW, Asker, Call, Create, Heard, State, Tried, Worker, attempt_id, index_of, sid_of

SETTINGS = explicit_settings()
KEY = "key"
PUT_OFF = Refused(Refusal.LATER, "20429", "too many requests", None)
BAD_NUMBER = Refused(Refusal.BAD_NUMBER, "21211", "not a valid phone number")
ACCOUNT = Refused(Refusal.ACCOUNT, "20003", "authenticate")
THIS_CALL = Refused(Refusal.CALL, "21210", "not a number to ring from")
REFUSALS = (PUT_OFF, BAD_NUMBER, ACCOUNT, THIS_CALL)


class Shell:
    """The actions as they are. `policy` is the run's."""

    unknown_lists = LISTS_TO_BE_SURE
    second_list_seconds = SETTINGS.unknown_second_list_sec
    claim_margin_seconds: float = CLAIM_MARGIN_SECONDS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    # -- deciding.py --

    def core(self, recipient: Recipient, event: events.Event) -> Decision:
        return decide(recipient, event, self.policy, NOW)

    def load(self, state: State, who: int) -> Recipient:
        if state.run is RunState.RUNNING:
            return state.people[who]
        hangs_up = state.run is RunState.STOPPED and state.hangs_up
        return replace(state.people[who], run_state=state.run, run_hangs_up=hangs_up)

    def decide_and_save(self, state: State, who: int, event: events.Event, attempt: int | None = None) -> State:
        decision = self.core(self.load(state, who), event)
        return self.save(state, who, decision, attempt)

    def save(self, state: State, who: int, decision: Decision, attempt: int | None) -> State:
        person = decision.recipient
        if person.run_state is not RunState.RUNNING:
            person = replace(person, run_state=RunState.RUNNING, run_hangs_up=False)
        state = state._replace(people=(*state.people[:who], person, *state.people[who + 1 :]))
        if attempt is not None and decision.attempt is not None:
            state = self._save_attempt(state, attempt, decision.attempt)
        for step in decision.steps:
            if isinstance(step, HangUpCall):
                state = state._replace(hang_ups=state.hang_ups | {index_of(step.attempt_id)})
            if isinstance(step, MarkNumberBad):
                state = state._replace(bad_numbers=state.bad_numbers | {step.number.number})
            if isinstance(step, PauseRun) and state.run is RunState.RUNNING:
                state = state._replace(run=change_run(state.run, RunCommand.PAUSE))
        return state

    def _save_attempt(self, state: State, index: int, after: Attempt) -> State:
        before = state.tried[index]
        ask_at = self.ask_at(before.facts, after)
        seconds = (ask_at - NOW).total_seconds() if ask_at is not None else 0
        return with_tried(state, index, before._replace(facts=after, ask_in_seconds=seconds))

    def ask_at(self, before: Attempt, after: Attempt) -> datetime | None:
        return next_ask_at(after, self.policy, SETTINGS, NOW)

    # -- place_call.py --

    def claim(self, state: State, who: int) -> State:
        """A doorbell rings, for the first time or again, and a worker takes the person's turn."""
        turn = events.TurnCame(attempt_id(len(state.tried)))
        person = self.load(state, who)
        decision = self.core(person, turn)
        dial = next((step for step in decision.steps if isinstance(step, Dial)), None)
        hindrance = None if dial is None else self.why_not_now(state, dial.number.number)
        if hindrance is not None:
            return self.decide_and_save(state, who, hindrance)
        if dial is None or decision.attempt is None:
            return self.decide_and_save(state, who, turn)
        if self.is_taken(state, who, dial.number.number):
            return self.decide_and_save(state, who, events.NumberWasInUse())
        tried = Tried(
            decision.attempt,
            who,
            person.round,
            SETTINGS.carrier_timeout_sec + CLAIM_MARGIN_SECONDS,
            run_was=state.run,
            was_answered=state.has_answered(who),
            was_bad=dial.number.number in state.bad_numbers,
        )
        worker = Worker(len(state.tried), self.claim_margin_seconds)
        claimed = self.save(state._replace(tried=(*state.tried, tried)), who, decision, None)
        return claimed._replace(workers=state.workers | {worker})

    def why_not_now(self, state: State, number: str) -> events.NumberFoundBad | events.NumberRungEnough | None:
        """brakes.py. What others have rung stands for all that counts against the brake."""
        if number in state.bad_numbers:
            return events.NumberFoundBad()
        if state.rung_enough_seconds:
            return events.NumberRungEnough(NOW + timedelta(seconds=state.rung_enough_seconds))
        return None

    def is_taken(self, state: State, who: int, number: str) -> bool:
        """The unique indexes over open attempts: by number, and by person."""
        return any(state.number_of(open_) == number or state.tried[open_].who == who for open_ in state.open_attempts())

    def record_placing(self, state: State, attempt: int, placing: Placing) -> State:
        event = self.event_of(placing, state.tried[attempt].facts)
        return self.decide_and_save(state, state.tried[attempt].who, event, attempt)

    def after_silence(self, state: State, create: Create) -> State:
        """The carrier has not answered: nothing more is sent."""
        return state

    def event_of(self, placing: Placing, facts: Attempt) -> AttemptEvent:
        match placing:
            case Accepted(sid, status):
                return events.CallAccepted(facts, sid, status)
            case Refused(Refusal.BAD_NUMBER, code, reason):
                return events.NumberRefused(facts, code, reason)
            case Refused(Refusal.LATER, code, reason, retry_after):
                return events.CallPutOff(facts, code, reason, retry_after)
            case Refused(Refusal.CALL, code, reason):
                return events.CallRefused(facts, code, reason)
            case Refused(_, code, reason):
                return events.AccountRefused(facts, code, reason)
            case _:
                return events.PlacingLost(facts, "no answer")

    # -- record_event.py --

    def hear(self, state: State, heard: Heard) -> State:
        """A word by callback or by asking: stored first, decided on second, in one transaction."""
        attempt, call = heard.attempt, heard.call
        facts = state.tried[attempt].facts
        if facts.sid not in (None, sid_of(call)) or (heard in state.heard and self.knows_doubles):
            return self.acknowledge(state, heard)
        state = state._replace(heard=state.heard | {heard})
        state = self.decide_and_save(state, state.tried[attempt].who, _event_of_word(heard, facts), attempt)
        return self.acknowledge(state, heard)

    knows_doubles = True

    def acknowledge(self, state: State, heard: Heard) -> State:
        """2xx to the carrier, after the commit."""
        if heard.word != KEY or heard not in state.heard:
            return state
        return state._replace(acknowledged=state.acknowledged | {heard.call})

    # -- reconcile_calls.py --

    def takes_up(self, tried: Tried) -> bool:
        return tried.facts.is_open and tried.ask_in_seconds == 0

    def take(self, state: State, attempt: int) -> State:
        tried = state.tried[attempt]
        asker = Asker(attempt, tried.facts, tried.lists_read)
        held_seconds = round_seconds(1, SETTINGS.carrier_questions_per_second, SETTINGS.carrier_timeout_sec)
        state = with_tried(state, attempt, tried._replace(ask_in_seconds=held_seconds))
        return state._replace(askers=state.askers | {asker})

    def save_if_unchanged(self, state: State, asker: Asker, event: AttemptEvent) -> State:
        tried = state.tried[asker.attempt]
        if tried.facts != asker.seen:
            return state
        return self.decide_and_save(state, tried.who, event, asker.attempt)

    def look(self, state: State, asker: Asker) -> tuple[tuple[int, CallStatus], ...]:
        """What the carrier shows at this moment: of its list, or of the one call."""
        calls = list(enumerate(state.calls))
        if asker.seen.state is AttemptState.PLACED:
            return tuple((index, call.status) for index, call in calls if sid_of(index) == asker.seen.sid)
        number = state.number_of(asker.attempt)
        return tuple(
            (index, call.status)
            for index, call in calls
            if call.listed_in_seconds == 0 and state.number_of(call.attempt) == number
        )

    def conclude(self, state: State, asker: Asker) -> Iterator[State]:
        """What comes of what was shown: the last is all of it, those before are as far as a crash lets it come."""
        shown = asker.shown or ()
        if asker.seen.state is AttemptState.PLACED:
            call, status = shown[0]
            if status is asker.seen.status:
                yield self.ask_later(state, asker, ASK_AGAIN_SECONDS)
            else:
                yield from self.record_asked(state, asker.attempt, call, status)
            return
        candidates = [(call, status) for call, status in shown if not self.is_anothers(state, call, asker.attempt)]
        if candidates:
            yield from self.adopt(state, asker, candidates)
        elif asker.lists_read + 1 < self.unknown_lists:
            yield self.ask_later(state, asker, self.second_list_seconds, asker.lists_read + 1)
        else:
            yield self.save_if_unchanged(state, asker, events.CallNeverWas(asker.seen))

    def is_anothers(self, state: State, call: int, attempt: int) -> bool:
        return any(tried.facts.sid == sid_of(call) for index, tried in enumerate(state.tried) if index != attempt)

    def ask_later(self, state: State, asker: Asker, seconds: float, lists_read: int | None = None) -> State:
        read = asker.lists_read if lists_read is None else lists_read
        tried = state.tried[asker.attempt]
        return with_tried(state, asker.attempt, tried._replace(ask_in_seconds=seconds, lists_read=read))

    def adopt(self, state: State, asker: Asker, candidates: list[tuple[int, CallStatus]]) -> Iterator[State]:
        current = state.tried[asker.attempt].facts
        if current.sid is None and not current.is_open:
            yield state
            return
        ours = current.sid or sid_of(candidates[0][0])
        for call, _ in candidates:
            if sid_of(call) != ours:
                state = hang_up(state, call)
        for call, status in candidates:
            if sid_of(call) == ours:
                state = self.save_if_unchanged(state, asker, events.CallAccepted(asker.seen, ours, status))
                yield state
                if state.tried[asker.attempt].facts.sid == ours:
                    yield from self.record_asked(state, asker.attempt, call, status)
                return
        yield state

    def record_asked(self, state: State, attempt: int, call: int, status: CallStatus) -> Iterator[State]:
        """The same words as callbacks: what was heard already changes nothing."""
        if status is CallStatus.COMPLETED:
            state = self.hear(state, Heard(attempt, call, CallStatus.IN_PROGRESS))
            yield state
        yield self.hear(state, Heard(attempt, call, status))

    # -- change_run.py, close_runs.py --

    def command(self, state: State, command: RunCommand, *, hang_up: bool = False) -> State:
        run = change_run(state.run, command)
        return state._replace(run=run, hangs_up=state.hangs_up or hang_up)

    def sweep(self, state: State, who: int) -> State | None:
        """Somebody who waits is told that the run is stopped, or its time up: by the command, or by the scheduler."""
        person = state.people[who]
        if person.state is not RecipientState.WAITING:
            return None
        if state.run is RunState.STOPPED:
            return self.decide_and_save(state, who, events.RunStopped())
        if person.deadline_at is not None and person.deadline_at <= NOW:
            return self.decide_and_save(state, who, events.DeadlinePassed())
        return None


def _event_of_word(heard: Heard, facts: Attempt) -> AttemptEvent:
    if isinstance(heard.word, CallStatus):
        return events.StatusHeard(facts, sid_of(heard.call), heard.word)
    return events.KeyPressed(facts, 0, "1", is_listed=True)


def with_tried(state: State, index: int, tried: Tried) -> State:
    return state._replace(tried=(*state.tried[:index], tried, *state.tried[index + 1 :]))


def with_call(state: State, index: int, call: Call) -> State:
    return state._replace(calls=(*state.calls[:index], call, *state.calls[index + 1 :]))


def hang_up(state: State, index: int) -> State:
    """By the carrier: one that has ended already stays as it is."""
    call = state.calls[index]
    if call.status.is_final:
        return state
    is_answered = call.status is CallStatus.IN_PROGRESS
    return with_call(state, index, call.becomes(CallStatus.COMPLETED if is_answered else CallStatus.CANCELED))
