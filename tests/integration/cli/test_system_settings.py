"""`gdial settings list`, `get`, `set`, `reset`, `changes`: what is changed while GDial runs."""

from __future__ import annotations

from tests.integration.cli.commands import Place, assert_told_plainly


def test_a_setting_is_changed_and_reset_and_both_are_on_record(served: Place) -> None:
    assert served.run("settings", "set", "ring_back_hours", "12").stdout == "ring_back_hours is 12, changed\n"
    assert served.run_json("settings", "set", "ring_back_answers", "no")["value"] is False
    told = served.run("settings", "get", "ring_back_hours")
    assert (told.stdout, told.returncode) == ("12\n", 0)
    assert "Default: 24. Allowed: a whole number from 0 to 720, in hours." in told.stderr
    listed = {row["name"]: row for row in served.run_json("settings", "list")["items"]}
    assert (listed["ring_back_hours"]["value"], listed["rounds"]["changed"]) == (12, False)
    assert served.run_json("settings", "reset", "ring_back_hours")["changed"] is False
    assert served.run("settings", "reset", "ring_back_answers").stdout == "ring_back_answers is true, the default\n"
    changes = served.run_json("settings", "changes", "ring_back_hours")["items"]
    assert [(it["old_value"], it["new_value"]) for it in changes] == [(12, None), (None, 12)]


def test_a_value_that_cannot_be_is_told(served: Place) -> None:
    assert_told_plainly(served.run("settings", "set", "rounds", "often"), 2, "a whole number from 1 to 20", "example")
    assert_told_plainly(served.run("settings", "get", "ronds"), 1, "'ronds'", "there are", "rounds")
    assert_told_plainly(served.run("settings", "--json", "list"), 2, "gdial settings list --json")
