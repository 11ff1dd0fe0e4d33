"""The checks find what they look for: each fault here is one that GDial could have made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checks import find_faults
from tests.chaos.crowd import Crowd
from tests.chaos.evidence import Evidence
from tests.chaos.plan import FULL, PLACES, SHORT, plan_strikes

ANNA, BO, BO_HOME, CIA = "+46701000001", "+46701000002", "+46702000002", "+46709900003"
PEOPLE = {"Anna": (ANNA,), "Bo": (BO, BO_HOME), "Cia": (CIA,)}


def call(sid: str, to: str, began: int, ended: int, key: str = "", **changes: Any) -> dict[str, Any]:
    """A row of the network's ledger; times are seconds of one minute."""
    presses = [{"key": key, "gathered": True, "answered_at": at(ended - 1), "answer_status": 200}] if key else []
    row = {"sid": sid, "to": to, "status": "completed", "created": at(began), "ended": at(ended), "presses": presses}
    return row | changes


def at(second: int) -> str:
    return f"2026-11-23T04:00:{second:02d}+00:00"


def attempt(sid: str | None, number: str, **changes: Any) -> dict[str, Any]:
    row = {"call_sid": sid, "number": number, "status": "completed", "state": "closed", "lists_read": 0}
    return row | changes


def person(name: str, outcome: str, reason: str, answer: str | None = None, **changes: Any) -> dict[str, Any]:
    row = {"name": name, "state": "ended", "outcome": outcome, "reason": reason, "answer": answer, "due_at": None}
    return row | changes


def a_good_night() -> Evidence:
    """Anna presses 1 in her second call, Bo never answers on either number, and Cia's number does not exist."""
    truth = [call("CA1", ANNA, 0, 5), call("CA2", ANNA, 10, 15, key="1")]
    truth += [
        call(f"CA{3 + place}", number, 10 * place, 10 * place + 9) for place, number in enumerate([BO, BO_HOME] * 2)
    ]
    return Evidence(
        crowd=Crowd(PEOPLE),
        rounds=2,
        keys=frozenset("12"),
        truth=truth,
        run={
            "state": "done",
            "ledger_balances": True,
            "counts": {"recipients": 3, "reached": 1, "not_reached": 2, "stopped": 0},
        },
        recipients=[
            person("Anna", "reached", "key", "1"),
            person("Bo", "not_reached", "no answer"),
            person("Cia", "not_reached", "bad number"),
        ],
        attempts=[attempt(row["sid"], row["to"]) for row in truth] + [attempt(None, CIA, status="failed")],
        undecided_words=0,
        dead_letters=0,
        logs={"web": '{"event": "request"}\n'},
        database_log="LOG:  ready\n",
    )


def with_person(seen: Evidence, row: dict[str, Any]) -> Evidence:
    return replace(seen, recipients=[row if row["name"] == one["name"] else one for one in seen.recipients])


def with_call(seen: Evidence, row: dict[str, Any]) -> Evidence:
    """One more call, that GDial knows of."""
    return replace(seen, truth=[*seen.truth, row], attempts=[*seen.attempts, attempt(row["sid"], row["to"])])


def test_a_good_night_has_no_findings() -> None:
    assert find_faults(a_good_night()) == []


GOOD = a_good_night()
FAULTS = {
    "Anna is 0 times in the run": replace(GOOD, recipients=GOOD.recipients[1:]),
    "Bo is lost: waiting": with_person(GOOD, person("Bo", "not_reached", "", state="waiting")),
    "Bo was given up": with_person(GOOD, person("Bo", "not_reached", "failed: internal")),
    "the run is running": replace(GOOD, run=GOOD.run | {"state": "running"}),
    "the API counts 1 reached, the people themselves are 0": with_person(GOOD, person("Anna", "not_reached", "no key")),
    "GDial does not know of the call CA1 to Anna": replace(GOOD, attempts=GOOD.attempts[1:]),
    "the network does not know of GDial's call CA1": replace(GOOD, truth=GOOD.truth[1:]),
    "call CA1 to Anna (+46701000001): the network says busy": replace(
        GOOD, truth=[GOOD.truth[0] | {"status": "busy"}, *GOOD.truth[1:]]
    ),
    "Anna was reached at": with_call(GOOD, call("CA9", ANNA, 20, 25)),
    "the number of Anna (+46701000001): CA2 began while CA9 was open": with_call(GOOD, call("CA9", ANNA, 7, 12)),
    "Bo: CA6 began while CA9 was open": with_call(GOOD, call("CA9", BO, 29, 35)),
    "Anna pressed ['1'], GDial took it with 2xx": with_person(GOOD, person("Anna", "not_reached", "no key")),
    "Bo is reached by '2' (key) and pressed []": with_person(GOOD, person("Bo", "reached", "key", "2")),
    "Bo was rung 3 times on a number with 2 turns": with_call(GOOD, call("CA9", BO, 50, 55)),
    "Bo was left out: rung 1 of 2 times": replace(GOOD, truth=[*GOOD.truth[:5]], attempts=GOOD.attempts[:5]),
    "Cia has only a bad number, and is not_reached, no answer": with_person(
        GOOD, person("Cia", "not_reached", "no answer")
    ),
    "an attempt to Cia (+46709900003) is still unknown": replace(
        GOOD, attempts=[*GOOD.attempts[:-1], attempt(None, CIA, state="unknown")]
    ),
    "2 words of the carrier were never decided on": replace(GOOD, undecided_words=2),
    "1 jobs were laid aside": replace(GOOD, dead_letters=1),
    "PostgreSQL found 1 deadlocks": replace(GOOD, database_log="ERROR:  deadlock detected\n"),
    "web wrote 1 tracebacks": replace(GOOD, logs={"web": "ok\nTraceback (most recent call last):\n  File"}),
    "web logged 1 tracebacks": replace(GOOD, logs={"web": '{"exception": "Traceback (most recent call last):\\n"}'}),
}


@pytest.mark.parametrize("finding", FAULTS)
def test_a_fault_is_found_and_named(finding: str) -> None:
    assert any(found.startswith(finding) for found in find_faults(FAULTS[finding])), find_faults(FAULTS[finding])


@pytest.mark.parametrize("scale", [FULL, SHORT])
def test_a_seed_is_a_plan(scale: Any) -> None:
    plan = plan_strikes(7, scale)
    assert plan == plan_strikes(7, scale) != plan_strikes(8, scale)
    assert [strike.after_calls for strike in plan] == sorted(strike.after_calls for strike in plan)
    assert len(plan) == sum(scale.strikes.values()) + 1
    assert {strike.victim for seed in range(40) for strike in plan_strikes(seed, scale)} == {
        place for places in PLACES.values() for place in places
    }
