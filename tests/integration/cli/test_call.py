"""`gdial call`: one person rung by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cli.commands import Place, assert_told_plainly

TEXT = ("--text", "Hej {first_name}! Tryck 1 om du kommer.", "--key", "1=Kommer:Tack.", "--key", "2=Kan inte")


@pytest.fixture
def two_numbers(served: Place) -> Iterator[str]:
    """Somebody who presses 1 on the mobile and 2 at home."""
    numbers = ("--number", "mobile=070-174 06 93", "--number", "home=070-174 06 91")
    person = served.run_json("contact", "add", "Siv Tvåa", *numbers)
    yield person["name"]
    assert served.run("contact", "remove", person["id"], "--yes").returncode == 0


def test_the_number_that_is_named_is_rung(served: Place, two_numbers: str) -> None:
    ring = ("call", two_numbers, *TEXT, "--drill", "--follow")
    run = served.run_json(*ring, "--phone", "070-1740691")
    assert (run["name"], run["answers"], run["counts"]["recipients"]) == ("Manual call", {"2": 1}, 1)
    done = served.run(*ring, "--phone", "1", "--name", "Nyckeln")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Ringing Siv Tvåa, run ")
    assert "Nyckeln: done" in done.stdout
    assert_told_plainly(
        served.run(*ring, "--phone", "work"), 2, "--phone: Siv Tvåa has no 'work'; there are: 1 mobile +46701740693, "
    )


def test_a_call_that_cannot_be_is_told(served: Place) -> None:
    assert_told_plainly(served.run("call", "Karin Öst", "--drill"), 2, "say what to tell them")
    assert_told_plainly(served.run("call", "Karin Öst", *TEXT), 1, "no carrier is set up")
