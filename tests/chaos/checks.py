"""What must be true after a trial, reckoned from both sides; every finding is a sentence that names whom it is about.

Nothing of GDial's own arithmetic is used: people, turns and times are counted anew from the telephone network's ledger.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.chaos.evidence import Evidence

TRACEBACK = re.compile(r"^\s*Traceback \(most recent call last\):", re.MULTILINE)
LOGGED_TRACEBACK = "Traceback (most recent call last):"
SHOWN_CHARACTERS = 1_500
FINAL = {"completed", "busy", "no-answer", "failed", "canceled"}


def find_faults(seen: Evidence) -> list[str]:
    """Empty when every promise was kept."""
    checks = (
        everybody_has_one_outcome,
        the_ledger_balances,
        both_sides_know_the_same_calls,
        nobody_reached_was_rung_again,
        never_two_calls_at_once,
        reached_is_who_pressed_a_key,
        everybody_had_their_turns,
        nothing_is_left_over,
        no_deadlocks,
        no_tracebacks,
    )
    return [finding for check in checks for finding in check(seen)]


def everybody_has_one_outcome(seen: Evidence) -> Iterator[str]:
    """Who is lost is named."""
    times = Counter(row["name"] for row in seen.recipients)
    for name in seen.crowd.people:
        if times[name] != 1:
            yield f"{name} is {times[name]} times in the run"
    for row in seen.recipients:
        if row["outcome"] is None or row["state"] != "ended":
            yield f"{row['name']} is lost: {row['state']}, outcome {row['outcome']}, due {row['due_at']}"
        elif row["outcome"] == "stopped" or row["reason"] == "failed: internal":
            yield f"{row['name']} was given up: {row['outcome']}, {row['reason']}"


def the_ledger_balances(seen: Evidence) -> Iterator[str]:
    counts = seen.run["counts"]
    outcomes = Counter(row["outcome"] for row in seen.recipients)
    if seen.run["state"] != "done" or not seen.run["ledger_balances"]:
        yield f"the run is {seen.run['state']}; its ledger: {counts}"
    if counts["recipients"] != len(seen.crowd.people) or sum(outcomes.values()) != len(seen.crowd.people):
        yield f"{len(seen.crowd.people)} people were to be rung, the run has {counts['recipients']}"
    for outcome in ("reached", "not_reached", "stopped"):
        if counts[outcome] != outcomes[outcome]:
            yield f"the API counts {counts[outcome]} {outcome}, the people themselves are {outcomes[outcome]}"


def both_sides_know_the_same_calls(seen: Evidence) -> Iterator[str]:
    """Call by call: number, end and keys."""
    ours = {row["call_sid"]: row for row in seen.attempts if row["call_sid"]}
    theirs = {row["sid"]: row for row in seen.truth}
    for sid in theirs.keys() - ours.keys():
        yield f"GDial does not know of the call {sid} to {_who(seen, theirs[sid]['to'])}, {theirs[sid]['status']}"
    for sid in ours.keys() - theirs.keys():
        yield f"the network does not know of GDial's call {sid} to {_who(seen, ours[sid]['number'])}"
    for sid in ours.keys() & theirs.keys():
        mine, its = ours[sid], theirs[sid]
        if (mine["number"], mine["status"]) != (its["to"], its["status"]) or its["status"] not in FINAL:
            yield f"call {sid} to {_who(seen, its['to'])}: the network says {its['status']}, GDial {mine['status']}"


def nobody_reached_was_rung_again(seen: Evidence) -> Iterator[str]:
    """From the moment on at which GDial had answered the request with the key."""
    for name, calls in _calls_by_person(seen).items():
        taken = [press for call in calls for press in _keys_taken(seen, call)]
        if not taken:
            continue
        first = min(_moment(press["answered_at"]) for press in taken)
        for call in calls:
            if _moment(call["created"]) > first:
                yield f"{name} was reached at {first} and rung again at {call['created']} ({call['sid']})"


def never_two_calls_at_once(seen: Evidence) -> Iterator[str]:
    """To one number, and to one person."""
    by_number: dict[str, list[Any]] = defaultdict(list)
    for call in seen.truth:
        by_number[f"the number of {_who(seen, call['to'])}"].append(call)
    for who, calls in [*by_number.items(), *_calls_by_person(seen).items()]:
        ordered = sorted(calls, key=lambda call: _moment(call["created"]))
        for first, second in pairwise(ordered):
            if first["ended"] is None or _moment(first["ended"]) > _moment(second["created"]):
                yield f"{who}: {second['sid']} began while {first['sid']} was open"


def reached_is_who_pressed_a_key(seen: Evidence) -> Iterator[str]:
    """Both ways: every key that GDial took counts, and nobody is reached without one."""
    calls = _calls_by_person(seen)
    for row in seen.recipients:
        taken = [press["key"] for call in calls.get(row["name"], []) for press in _keys_taken(seen, call)]
        pressed = {press["key"] for call in calls.get(row["name"], []) for press in call["presses"]}
        if taken and row["outcome"] != "reached":
            yield f"{row['name']} pressed {taken}, GDial took it with 2xx, and the outcome is {row['outcome']}"
        if row["outcome"] == "reached" and row["answer"] not in pressed:
            yield f"{row['name']} is reached by {row['answer']!r} ({row['reason']}) and pressed {sorted(pressed)}"


def everybody_had_their_turns(seen: Evidence) -> Iterator[str]:
    """Who was not reached was rung on every number in every round; nobody was rung more often for one attempt."""
    rung = Counter(str(call["to"]) for call in seen.truth)
    for row in seen.recipients:
        numbers = seen.crowd.can_be_rung(row["name"])
        for number in numbers:
            if rung[number] > seen.rounds:
                yield f"{row['name']} was rung {rung[number]} times on a number with {seen.rounds} turns"
            if row["outcome"] == "not_reached" and rung[number] < seen.rounds:
                yield f"{row['name']} was left out: rung {rung[number]} of {seen.rounds} times, {row['reason']}"
        if not numbers and (row["outcome"], row["reason"]) != ("not_reached", "bad number"):
            yield f"{row['name']} has only a bad number, and is {row['outcome']}, {row['reason']}"


def nothing_is_left_over(seen: Evidence) -> Iterator[str]:
    for attempt in seen.attempts:
        if attempt["state"] != "closed":
            yield f"an attempt to {_who(seen, attempt['number'])} is still {attempt['state']}"
    if seen.undecided_words:
        yield f"{seen.undecided_words} words of the carrier were never decided on"
    if seen.dead_letters:
        yield f"{seen.dead_letters} jobs were laid aside"


def no_deadlocks(seen: Evidence) -> Iterator[str]:
    found = seen.database_log.count("deadlock detected")
    if found:
        yield f"PostgreSQL found {found} deadlocks"


def no_tracebacks(seen: Evidence) -> Iterator[str]:
    """Neither one past the log, nor one that a last net caught and wrote."""
    for name, log in seen.logs.items():
        places = [match.start() for match in TRACEBACK.finditer(log)]
        lines = [line for line in log.splitlines() if line.startswith("{") and LOGGED_TRACEBACK in line]
        if places:
            yield f"{name} wrote {len(places)} tracebacks, the first: {log[places[0] :][:SHOWN_CHARACTERS]}"
        if lines:
            yield f"{name} logged {len(lines)} tracebacks, the first: {lines[0][-SHOWN_CHARACTERS:]}"


def _who(seen: Evidence, number: str) -> str:
    return f"{seen.crowd.name_by_number.get(number, 'nobody we know')} ({number})"


def _calls_by_person(seen: Evidence) -> dict[str, list[Any]]:
    names = seen.crowd.name_by_number
    by_person: dict[str, list[Any]] = defaultdict(list)
    for call in seen.truth:
        by_person[names.get(call["to"], call["to"])].append(call)
    return by_person


def _keys_taken(seen: Evidence, call: Any) -> list[Any]:
    """Presses with a meaning, carried by a request that was answered with 2xx."""
    return [
        press
        for press in call["presses"]
        if press["gathered"] and press["key"] in seen.keys and press["answered_at"] and press["answer_status"] < 300
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
