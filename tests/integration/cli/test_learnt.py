"""What GDial has learnt of numbers and people, as commands tell it: a number that cannot be rung, a run too many."""

from __future__ import annotations

from tests.integration.cli.commands import Place, assert_told_plainly

START = ("run", "start", "--drill", "--text", "Hej! Tryck 1.", "--key", "1=Kommer", "--wait-between-numbers", "0")


def test_a_number_the_carrier_refused_is_shown_and_rung_again_only_by_a_wish(served: Place) -> None:
    served.run_json("contact", "add", "Berit Fel", "--number", "070-174 06 93", "--number", "070-174 06 92")
    ended = served.run(*START, "--contact", "Berit Fel")
    assert (ended.returncode, ended.stderr) == (0, "")
    marked = served.run("contact", "show", "Berit Fel").stdout
    [line] = [line for line in marked.splitlines() if "cannot be rung since" in line]
    assert "+46701740693" in line
    assert "the carrier's code 21211; again: gdial contact trust" in line

    assert_told_plainly(served.run("contact", "trust", "Berit Fel", "--number", "3"), 2, "--number", "has 2 numbers")
    trusted = served.run("contact", "trust", "Berit Fel")
    assert trusted.returncode == 0, trusted.stderr
    assert "+46701740693" in trusted.stdout
    assert "cannot be rung" not in trusted.stdout
    served.run("contact", "remove", "Berit Fel", "--yes")


def test_who_rings_people_that_are_being_rung_is_warned_on_the_screen_and_goes_on(served: Place) -> None:
    """One who never answers is in two runs at once."""
    slow = ("--rounds", "20", "--wait-between-rounds", "600", "--no-follow", "--contact", "Lars Åberg")
    first = served.run(*START, *slow, "--name", "Brand [i] arkivet")
    assert (first.returncode, first.stderr) == (0, "")
    second = served.run(*START, *slow, "--name", "Igen")
    assert second.returncode == 0
    first_id, second_id = (done.stdout.partition(", run ")[2].split()[0] for done in (first, second))
    assert '1 person of this run is being rung by the run "Brand [i] arkivet" too, which is running' in second.stderr
    assert second.stderr.startswith("Mind: ")
    assert first_id in second.stderr
    assert "has started" in second.stdout
    for run in (first_id, second_id):
        assert served.run("run", "stop", run, "--hang-up").returncode == 0
