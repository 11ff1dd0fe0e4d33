"""All that may happen next: workers, carrier, callbacks, reconcilers, operator, crashes and the clock, in any order.

Nothing has to happen: who crashes without word, a callback that is lost and a bell that never rings are the lives in
which a move is never made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gdial.carriers.base import Accepted, Placing, Unknown
from gdial.dialing import events
from gdial.dialing.brakes import WINDOW
from gdial.dialing.decide import may_be_dialled
from gdial.dialing.run import RunCommand
from gdial.dialing.states import AttemptState, CallStatus, RunState
from tests.model.shell import KEY, PUT_OFF, REFUSALS, Shell, hang_up, with_call
from tests.model.state import NOW, Asker, Call, Create, Heard, State, Worker, after, call_of, next_moment, sid_of

Move = tuple[str, State]
UNHEARD = Unknown("no answer")
NEXT_STATUSES = {
    CallStatus.RINGING: (CallStatus.IN_PROGRESS, CallStatus.NO_ANSWER),
    CallStatus.IN_PROGRESS: (CallStatus.COMPLETED,),
}


@dataclass(frozen=True)
class Carrier:
    """What is assumed: a create is taken within this time after it was sent or never, and is in the list soon after."""

    takes_within_seconds: float = 15
    lists_within_seconds: float = 60


@dataclass(frozen=True)
class Scope:
    """How much may happen in one life. `attempts`, `workers` and `askers` are at most so many."""

    attempts: int = 3
    workers: int = 2
    askers: int = 1
    carrier: Carrier = Carrier()


class Moves:
    def __init__(self, shell: Shell, scope: Scope) -> None:
        self.shell = shell
        self.scope = scope

    def after(self, state: State) -> Iterator[Move]:
        yield from self._doorbells(state)
        yield from self._workers(state)
        yield from self._carrier(state)
        yield from self._callbacks(state)
        yield from self._askers(state)
        yield from self._hang_ups(state)
        yield from self._operator(state)
        yield from self._others(state)
        yield from self._clock(state)

    # -- workers --

    def _doorbells(self, state: State) -> Iterator[Move]:
        """A doorbell of anybody may ring at any time, any number of times: one that is not due changes nothing."""
        if len(state.workers) >= self.scope.workers or len(state.tried) >= self.scope.attempts:
            return
        for who in range(len(state.people)):
            if may_be_dialled(self.shell.load(state, who), NOW):
                yield f"a doorbell of person {who} rings, and a worker takes the turn", self.shell.claim(state, who)

    def _workers(self, state: State) -> Iterator[Move]:
        for worker in state.workers:
            name = f"the worker of attempt {worker.attempt}"
            if worker.answer is not None:
                yield f"{name} records: {_told(worker.answer)}", self.record(state, worker, worker.answer)
            elif worker.is_sent:
                unheard = with_worker(state, worker, worker._replace(answer=UNHEARD))
                yield f"{name} gets no answer", self.shell.after_silence(unheard, self._create(worker))
            else:
                yield from self._not_sent(state, worker, name)
            if state.crashes_left:
                crashed = state._replace(workers=state.workers - {worker}, crashes_left=state.crashes_left - 1)
                yield f"{name} crashes", crashed

    def _not_sent(self, state: State, worker: Worker, name: str) -> Iterator[Move]:
        if worker.margin_seconds >= 0:
            sent = with_worker(state, worker, worker._replace(is_sent=True, margin_seconds=0))
            yield f"{name} sends the create", sent._replace(creates=state.creates | {self._create(worker)})
        if worker.margin_seconds < 0 or state.run is not RunState.RUNNING:
            given_up = with_worker(state, worker, worker._replace(answer=PUT_OFF))
            yield f"{name} sends nothing: it was held up, or the run stands", given_up

    def _create(self, worker: Worker) -> Create:
        return Create(worker.attempt, self.scope.carrier.takes_within_seconds)

    def record(self, state: State, worker: Worker, answer: Placing) -> State:
        recorded = self.shell.record_placing(state, worker.attempt, answer)
        return recorded._replace(workers=recorded.workers - {worker})

    # -- the carrier --

    def _carrier(self, state: State) -> Iterator[Move]:
        for create in state.creates:
            gone = state._replace(creates=state.creates - {create})
            waiting = next((worker for worker in state.workers if _waits(worker, create)), None)
            yield f"the carrier takes the create of attempt {create.attempt}: a phone rings", self.accept(gone, create)
            yield f"the create of attempt {create.attempt} never arrives", gone
            if waiting is not None and state.refusals_left:
                refusing = gone._replace(refusals_left=state.refusals_left - 1)
                for refusal in REFUSALS:
                    refused = with_worker(refusing, waiting, waiting._replace(answer=refusal))
                    yield f"the carrier refuses attempt {create.attempt}: {refusal.reason}", refused
        for index in state.live_calls():
            call = state.calls[index]
            for status in NEXT_STATUSES[call.status]:
                yield f"call {index} becomes {status}", with_call(state, index, call.becomes(status))
            if call.status is CallStatus.IN_PROGRESS and not call.is_pressed:
                yield f"a key is pressed in call {index}", with_call(state, index, call._replace(is_pressed=True))

    def accept(self, state: State, create: Create) -> State:
        """The worker hears of it where it still waits."""
        call = Call(create.attempt, self.scope.carrier.lists_within_seconds)
        state = state._replace(calls=(*state.calls, call))
        waiting = next((worker for worker in state.workers if _waits(worker, create)), None)
        if waiting is None:
            return state
        accepted = Accepted(sid_of(len(state.calls) - 1), CallStatus.QUEUED)
        return with_worker(state, waiting, waiting._replace(answer=accepted))

    def _callbacks(self, state: State) -> Iterator[Move]:
        """Any word ever said, at any time, as often as one likes."""
        for index, call in enumerate(state.calls):
            words = [*call.said, *([KEY] if call.is_pressed else [])]
            for word in words:
                if self.shell.knows_doubles and Heard(call.attempt, index, word) in state.heard:
                    continue
                heard = self.shell.hear(state, Heard(call.attempt, index, word))
                if heard != state:
                    yield f"GDial hears by callback that call {index}: {word}", heard

    # -- the reconciler --

    def _askers(self, state: State) -> Iterator[Move]:
        if len(state.askers) < self.scope.askers:
            for index in state.open_attempts():
                if self.shell.takes_up(state.tried[index]):
                    yield f"a reconciler takes up attempt {index}", self.shell.take(state, index)
        for asker in state.askers:
            gone = state._replace(askers=state.askers - {asker})
            name = f"the reconciler of attempt {asker.attempt}"
            if state.crashes_left:
                yield f"{name} crashes", gone._replace(crashes_left=state.crashes_left - 1)
            yield from self.ask(state, gone, asker, name)

    def ask(self, state: State, gone: State, asker: Asker, name: str) -> Iterator[Move]:
        if asker.seen.state is AttemptState.CLAIMED:
            lost = events.PlacingLost(asker.seen, "the process that placed it ended")
            yield f"{name} finds the claim of a dead worker", self.shell.save_if_unchanged(gone, asker, lost)
        elif asker.shown is None:
            shown = self.shell.look(state, asker)
            looked = gone._replace(askers=gone.askers | {asker._replace(shown=shown)})
            yield f"{name} asks the carrier and is shown {[f'call {call}: {status}' for call, status in shown]}", looked
        else:
            *halves, whole = self.shell.conclude(gone, asker)
            yield f"{name} concludes", whole
            if state.crashes_left:
                for half in halves:
                    yield f"{name} crashes half-way", half._replace(crashes_left=state.crashes_left - 1)

    def _hang_ups(self, state: State) -> Iterator[Move]:
        for attempt in state.hang_ups:
            gone = state._replace(hang_ups=state.hang_ups - {attempt})
            sid = state.tried[attempt].facts.sid
            if sid is not None:
                yield f"GDial hangs up attempt {attempt}", hang_up(gone, call_of(sid))
            yield f"hanging up attempt {attempt} fails", gone

    # -- the operator, other runs and the clock --

    def _operator(self, state: State) -> Iterator[Move]:
        for who in range(len(state.people)):
            swept = self.shell.sweep(state, who)
            if swept is not None:
                yield f"person {who} is told that the run is over", swept
            if state.hangs_up and state.people[who].open_attempt_id is not None:
                told = self.shell.decide_and_save(state, who, events.RunStopped(hang_up=True))
                if told != state:
                    yield f"the call of person {who} is to be hung up", told
        if not state.commands_left or state.run is RunState.STOPPED:
            return
        commanded = state._replace(commands_left=state.commands_left - 1)
        yield "the operator stops the run", self.shell.command(commanded, RunCommand.STOP)
        yield "the operator stops the run and its calls", self.shell.command(commanded, RunCommand.STOP, hang_up=True)
        other = RunCommand.PAUSE if state.run is RunState.RUNNING else RunCommand.RESUME
        yield f"the operator says {other}", self.shell.command(commanded, other)

    def _others(self, state: State) -> Iterator[Move]:
        if state.brakes_left and not state.rung_enough_seconds:
            braked = state._replace(brakes_left=state.brakes_left - 1, rung_enough_seconds=WINDOW.total_seconds())
            yield "other runs ring the same numbers as often as programs may", braked

    def _clock(self, state: State) -> Iterator[Move]:
        seconds = next_moment(state)
        if seconds is not None:
            yield f"{seconds:g} seconds pass", after(state, seconds)


def _waits(worker: Worker, create: Create) -> bool:
    return worker.attempt == create.attempt and worker.is_sent and worker.answer is None


def with_worker(state: State, before: Worker, now: Worker) -> State:
    return state._replace(workers=(state.workers - {before}) | {now})


def _told(answer: Placing) -> str:
    match answer:
        case Accepted(sid):
            return f"accepted as {sid}"
        case Unknown(reason):
            return reason
        case refused:
            return refused.reason
