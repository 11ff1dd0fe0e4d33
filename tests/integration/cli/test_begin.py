"""What every command has in common."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from gdial.cli.reference import cli_page
from tests.integration.cli.commands import Place, assert_told_plainly

ROOT = Path(__file__).parents[3]


def test_it_tells_its_version(place: Place) -> None:
    assert place.run("--version").stdout == f"gdial {version('gdial')}\n"


def test_it_says_which_commands_there_are(place: Place) -> None:
    done = place.run()
    assert "gdial demo" in done.stdout + done.stderr


def test_a_command_that_is_not_there_is_wrong_usage(place: Place) -> None:
    done = place.run("frobnicate")
    assert done.returncode == 2
    assert "frobnicate" in done.stderr


@pytest.mark.parametrize("command", [("serve",), ("run", "list"), ("db", "status"), ("settings",)])
def test_a_bad_setting_stops_every_command_and_is_named(place: Place, command: tuple[str, ...]) -> None:
    place.set(call_timeout_sec="soon")
    assert_told_plainly(place.run(*command), 2, "error: CALL_TIMEOUT_SEC: ", "5 to 600 seconds", "(example: 25)")


def test_several_bad_settings_are_told_at_once(place: Place) -> None:
    place.set(call_timeout_sec="soon", api_port="99999")
    assert_told_plainly(place.run("serve"), 2, "CALL_TIMEOUT_SEC", "API_PORT")


def test_settings_are_shown_without_their_secrets(place: Place) -> None:
    place.set(api_token="not-for-anyones-eyes", call_timeout_sec=31, call_timeot_sec=3)
    done = place.run("settings", "--json")
    shown = {row["name"]: row["value"] for row in json.loads(done.stdout)}
    assert shown["CALL_TIMEOUT_SEC"] == "31"
    assert shown["API_TOKEN"] == "set, not shown"
    assert "not-for-anyones-eyes" not in done.stdout + done.stderr
    assert "did you mean CALL_TIMEOUT_SEC" in done.stderr


def test_a_password_in_an_address_is_not_shown(place: Place) -> None:
    place.set(database_url="postgresql://gdial:hemligt@127.0.0.1/gdial")
    done = place.run("settings")
    assert "postgresql://gdial:***@127.0.0.1/gdial" in done.stdout
    assert "hemligt" not in done.stdout


def test_a_terminal_without_our_letters_gets_an_answer_all_the_same(place: Place) -> None:
    place.set(pythonioencoding="ascii")
    done = place.run("settings")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CALL_TIMEOUT_SEC" in done.stdout


def test_the_page_of_commands_is_fresh() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    assert page == cli_page(), "Type: make docs"
