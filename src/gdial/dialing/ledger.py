"""The ledger of a run: what became of everybody and of every attempt, and whether that adds up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gdial.dialing.states import Outcome


class Placing(StrEnum):
    """What GDial knew when the create was over."""

    ACCEPTED = "accepted"
    BAD_NUMBER = "bad_number"
    PUT_OFF = "put_off"
    ACCOUNT_REFUSED = "account_refused"
    CALL_REFUSED = "call_refused"
    UNKNOWN = "unknown"


REFUSALS = (Placing.BAD_NUMBER, Placing.PUT_OFF, Placing.ACCOUNT_REFUSED, Placing.CALL_REFUSED)


class Settlement(StrEnum):
    """How it became known whether an unknown attempt rings."""

    CALLBACK = "callback"  # the carrier spoke of the call before anybody asked
    LIST = "list"  # the carrier's list showed it
    ANSWER = "answer"  # the create was answered after all
    NEVER_RANG = "never_rang"  # two lists did not show it
    LATE_CALL = "late_call"  # given up as never placed, and heard of after that


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """`reasons` counts people by outcome and reason; `attempts` is how often they were rung by their own records,
    `keys_without_call` how many are reached by a key that no attempt of theirs bears."""

    recipients: int = 0
    waiting: int = 0
    calling: int = 0
    reached: int = 0
    not_reached: int = 0
    stopped: int = 0
    attempts: int = 0
    keys_without_call: int = 0
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptFigures:
    """`placing` counts attempts by what came of their create, `unsettled` those unknown ones of which nothing is known
    yet. `codes` counts refusals by the carrier's code, `statuses` calls by its last word. `lived_after_all`: given up
    or refused, and yet a call of theirs was heard of."""

    attempts: int = 0
    open: int = 0
    being_placed: int = 0
    unsettled: int = 0
    answered: int = 0
    lived_after_all: int = 0
    placing: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    people: PeopleFigures
    attempts: AttemptFigures


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a word after the end made of one person's outcome."""

    outcome_before: str
    reason_before: str
    outcome_after: str
    reason_after: str


def find_faults(ledger: Ledger, *, is_over: bool) -> list[str]:
    """What does not add up, in sentences; empty when the ledger balances. Of a run that goes on, only what must hold at
    every moment."""
    people, attempts = ledger.people, ledger.attempts
    ended = people.reached + people.not_reached + people.stopped
    faults = []
    if people.recipients != ended + people.waiting + people.calling:
        faults.append(
            f"{people.recipients} recipients, but {ended} ended, {people.waiting} waiting, {people.calling} calling"
        )
    if people.attempts != attempts.attempts:
        faults.append(
            f"people were rung {people.attempts} times by their own records, but there are {attempts.attempts} attempts"
        )
    placed = sum(attempts.placing.values()) + attempts.being_placed
    if attempts.attempts != placed:
        faults.append(f"{attempts.attempts} attempts, but {placed} accepted, refused, unknown or being placed")
    unknown = attempts.placing.get(Placing.UNKNOWN, 0)
    settled = sum(attempts.settled.values())
    if unknown != settled + attempts.unsettled:
        faults.append(f"{unknown} unknown attempts, but {settled} settled and {attempts.unsettled} not settled yet")
    if people.keys_without_call:
        faults.append(f"{people.keys_without_call} people are reached by a key that no call of theirs bears")
    return faults + (_faults_at_the_end(ledger) if is_over else [])


def _faults_at_the_end(ledger: Ledger) -> list[str]:
    still = {
        "people still wait": ledger.people.waiting,
        "people are still being called": ledger.people.calling,
        "attempts are still open": ledger.attempts.open,
        "unknown attempts were never settled": ledger.attempts.unsettled,
    }
    return [f"the run is over, but {number} {what}" for what, number in still.items() if number]


def find_silent_changes(at_end: PeopleFigures, amendments: Iterable[Amendment], now: PeopleFigures) -> list[str]:
    """Where what was written at the end and the amendments since do not come to what is there now."""
    expected = _flat(at_end)
    worse = 0
    for amendment in amendments:
        before, after = (
            (amendment.outcome_before, amendment.reason_before),
            (amendment.outcome_after, amendment.reason_after),
        )
        expected[before] = expected.get(before, 0) - 1
        expected[after] = expected.get(after, 0) + 1
        worse += before[0] == Outcome.REACHED != after[0]
    found = _flat(now)
    faults = [
        f"{outcome}, {reason}: {expected.get(place, 0)} by the ledger and its amendments, {found.get(place, 0)} now"
        for place in sorted(expected.keys() | found.keys())
        if expected.get(place, 0) != found.get(place, 0)
        for outcome, reason in [place]
    ]
    if at_end.recipients != now.recipients:
        faults.append(f"{at_end.recipients} recipients at the end, {now.recipients} now")
    return faults + ([f"{worse} people who were reached are not reached any more"] if worse else [])


def _flat(people: PeopleFigures) -> dict[tuple[str, str], int]:
    return {(outcome, reason): number for outcome, by in people.reasons.items() for reason, number in by.items()}
