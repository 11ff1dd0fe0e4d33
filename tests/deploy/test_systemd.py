"""The units, as systemd itself reads them."""

from __future__ import annotations

import configparser
import subprocess
from pathlib import Path

import pytest

from gdial.settings import explicit_settings
from tests.deploy.files import DEPLOY, program

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
MOST_EXPOSED = 25
"""Tenths, as `systemd-analyze security` counts: a service without any protection has 96."""
COMMANDS = {
    "gdial-web.service": "serve --no-simulator",
    "gdial-call-worker@.service": "worker call",
    "gdial-tts-worker@.service": "worker tts",
    "gdial-scheduler@.service": "worker scheduler",
}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The units with a command that is there: systemd looks whether the program can be run."""
    for unit in [*SERVICES, UNITS / "gdial.target"]:
        text = unit.read_text("utf-8")
        (tmp_path / unit.name).write_text(text.replace("/opt/gdial/.venv/bin/gdial", "/bin/true"))
    return tmp_path


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [program("systemd-analyze", "systemd"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def values(unit: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text("utf-8"))
    return read


def test_systemd_finds_nothing_wrong_with_them(copies: Path) -> None:
    instances = [unit.name.replace("@.", "@1.") for unit in SERVICES]
    done = analyze("verify", "--man=no", *(copies / name for name in ["gdial.target", *instances]))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_would_have_found_a_word_that_it_does_not_know(copies: Path) -> None:
    unit = copies / "gdial-web.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges=", "NoNewPrivilegs="))
    assert "NoNewPrivilegs" in analyze("verify", "--man=no", unit).stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_shut_in(copies: Path, name: str) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", copies / name)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def test_each_runs_its_command_as_gdial_with_the_settings_of_the_machine_and_time_to_finish() -> None:
    assert {unit.name for unit in SERVICES} == set(COMMANDS)
    for unit in SERVICES:
        service = values(unit)["Service"]
        assert service["ExecStart"] == f"/opt/gdial/.venv/bin/gdial {COMMANDS[unit.name]}"
        assert (service["User"], service["EnvironmentFile"]) == ("gdial", "/etc/gdial/gdial.env")
        assert (service["Restart"], service["StateDirectory"]) == ("always", "gdial")
        assert int(service["TimeoutStopSec"]) > explicit_settings().shutdown_grace_sec


def test_the_target_wants_what_the_plan_has() -> None:
    text = (UNITS / "gdial.target").read_text("utf-8")
    wanted = [word for line in text.splitlines() if line.startswith("Wants=") for word in line[6:].split()]
    counts = {
        kind: sum(word.startswith(f"gdial-{kind}") for word in wanted) for kind in ("web", "call", "tts", "sched")
    }
    assert counts == {"web": 1, "call": 3, "tts": 2, "sched": 1}
    for word in wanted:
        template = word.partition("@")[0] + "@.service" if "@" in word else word
        assert (UNITS / template).exists(), word
