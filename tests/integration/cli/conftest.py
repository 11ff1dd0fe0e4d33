"""A place to type commands in, and a GDial that serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.commands import Place
from tests.support.ports import free_port

QUICK_PEOPLE = {
    "people": [
        {"calls": [{"does": "press", "keys": {"1": 1}, "answers_after_seconds": 2, "presses_after_seconds": 2}]}
    ],
    "numbers": {
        "+46701740690": {"calls": [{"does": "no_answer"}]},
        "+46701740693": {"calls": [{"does": "bad_number", "code": 21211}]},
        "+46701740691": {
            "calls": [{"does": "press", "keys": {"2": 1}, "answers_after_seconds": 2, "presses_after_seconds": 2}]
        },
    },
}
"""Everybody presses 1, but for one who never answers, one who presses 2, and one number that cannot be rung."""

SPEED = "40"
LIST = "Namn;Mobil;Grupp\nKarin Öst;070-1740601;Alla\nLars Åberg;070-1740690;Alla\nElsa Ek;070-1740691;Alla, Ledning\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "here")


@pytest.fixture(scope="session")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a quick telephone network."""
    place = Place(tmp_path_factory.mktemp("phones"))
    (place.folder / "people.json").write_text(json.dumps(QUICK_PEOPLE), "utf-8")
    with place.started("sim", "--port", "0", "--speed", SPEED, "--profile", "people.json", "--json") as running:
        yield str(running.first_json()["url"])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, phones: str) -> Iterator[Place]:
    """A place where GDial serves drills and three people are known."""
    port = free_port()
    place = Place(
        tmp_path_factory.mktemp("served"),
        api_port=port,
        drill_api_base=phones,
        calls_per_second=50,
        max_concurrent_calls=50,
        webhook_allow_private="true",
    )
    (place.folder / "people.csv").write_text(LIST, "utf-8")
    with place.started("serve") as running:
        running.wait_for("GDial serves")
        done = place.run("import", "people.csv")
        assert done.returncode == 0, done.stderr
        yield place
