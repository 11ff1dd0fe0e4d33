"""System settings through the REST interface: what is in force, its bounds, and who changed what."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

import gdial
from gdial.errors import NotFound
from gdial.settings.system import SYSTEM_SETTINGS
from tests.support.runtime import TurnedClock
from tests.support.web import Api

PATH = "/api/settings"


async def test_every_setting_is_listed_with_its_bounds_and_help(api: Api) -> None:
    page = (await api.get(PATH)).json

    shown = {setting["name"]: setting for setting in page["items"]}
    assert page["total"] == len(shown) == len(SYSTEM_SETTINGS)
    assert shown["rounds"] == {
        "name": "rounds",
        "value": 3,
        "default": 3,
        "changed": False,
        "unit": "rounds",
        "bounds": {"allowed": "a whole number from 1 to 20", "lowest": 1, "highest": 20, "choices": []},
        "help": "How often all of a person's numbers are tried.",
    }
    assert shown["reached_when"]["bounds"]["choices"] == ["key", "answered"]
    assert all(setting["help"] for setting in shown.values())
    assert (await api.get(f"{PATH}?limit=2&offset=1")).json["items"] == page["items"][1:3]


async def test_a_change_is_in_force_at_once_and_kept_in_the_log(api: Api, clock: TurnedClock) -> None:
    changed = await api.ask("PUT", f"{PATH}/rounds", json={"value": 5})
    clock.turn(minutes=1)
    await api.ask("PUT", f"{PATH}/rounds", json={"value": 5})
    await api.ask("PUT", f"{PATH}/ring_back_answers", json={"value": False})
    clock.turn(minutes=1)
    reset = await api.ask("DELETE", f"{PATH}/rounds")

    assert (changed.status, changed.json["value"], changed.json["changed"]) == (200, 5, True)
    assert (await api.get(f"{PATH}/ring_back_answers")).json["value"] is False
    assert (reset.json["value"], reset.json["changed"]) == (3, False)
    log = (await api.get(f"{PATH}/changes")).json
    assert [(c["name"], c["old_value"], c["new_value"], c["changed_by"]) for c in log["items"]] == [
        ("rounds", 5, None, "api"),
        ("ring_back_answers", None, False, "api"),
        ("rounds", None, 5, "api"),
    ]
    assert log["items"][2]["changed_at"] == "2026-03-01T04:00:00Z"
    assert (await api.get(f"{PATH}/changes?name=rounds&limit=1")).json["total"] == 2


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("rounds", 0, "whole number from 1 to 20"),
        ("rounds", 21, "whole number from 1 to 20"),
        ("rounds", "3", "whole number"),
        ("rounds", True, "whole number"),
        ("rounds", 2.5, "whole number"),
        ("rounds", None, "whole number"),
        ("ring_back_answers", 1, "true or false"),
        ("reached_when", "voicemail", "key, answered"),
        ("reached_when", {"x": 1}, "key, answered"),
        ("default_language", "svenska språket", "not a language code"),
        ("organisation_name", "x" * 101, "at most 100"),
        ("organisation_name", "a\u0007b", "nobody can say"),
        ("ring_back_unknown_sv", "  ", "at most 500"),
    ],
)
async def test_a_value_out_of_bounds_is_refused_with_a_right_one(
    quick_api: Api, name: str, value: Any, told: str
) -> None:
    answer = await quick_api.ask("PUT", f"{PATH}/{name}", json={"value": value})

    assert answer.status == 422
    (error,) = answer.json["errors"]
    assert (error["field"], error["example"]) == ("value", SYSTEM_SETTINGS[name].example)
    assert told in error["reason"]
    assert (await quick_api.get(f"{PATH}/{name}")).json["changed"] is False
    assert (await quick_api.get(f"{PATH}/changes")).json["total"] == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_unknown_setting_names_those_there_are(quick_api: Api, method: str) -> None:
    answer = await quick_api.ask(method, f"{PATH}/colour", json={"value": 1} if method == "PUT" else None)
    assert answer.status == 404
    assert "ring_back_hours" in answer.json["detail"]


async def test_messages_without_a_language_are_in_the_one_set_here(api: Api) -> None:
    await api.ask("PUT", f"{PATH}/default_language", json={"value": "EN_gb"})
    made = await api.make("/api/messages", {"name": "Fire", "text": "It burns."})
    assert made["language"] == "en-GB"


async def test_other_programs_read_a_setting_by_name(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CALL_TIMEOUT_SEC", "31")
    await api.ask("PUT", f"{PATH}/rounds", json={"value": 9})

    assert (gdial.get_system_setting("rounds"), gdial.get_system_setting("ring_timeout_seconds")) == (9, 31)
    assert gdial.get_settings().call_timeout_sec == 31
    with pytest.raises(NotFound, match="there are organisation_name"):
        gdial.get_system_setting("colour")


def test_a_setting_of_a_new_installation_is_its_default_and_leaves_nothing_behind(tmp_path: Any) -> None:
    program = "import gdial; print(gdial.get_system_setting('retention_days'))"
    environment = {"PATH": os.environ["PATH"], "RETENTION_DAYS": "12"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "12"
    assert list(tmp_path.iterdir()) == []


def test_gdial_alone_loads_nothing() -> None:
    program = "import sys, gdial; print([name for name in sys.modules if name.startswith('gdial.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
