"""The compose file: its structure, its secrets, and every service of ours started as it says, as a process."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from gdial.settings import describe_settings, explicit_settings
from tests.deploy.compose_file import Unset, faults, read
from tests.deploy.files import DEPLOY, ROOT, ask
from tests.support.organisation import ACCOUNT, AUTH_TOKEN, OUR_NUMBER
from tests.support.ports import free_port
from tests.support.serving import API_TOKEN

COMPOSE = DEPLOY / "compose"
FILE = COMPOSE / "compose.yaml"
REQUIRED = {
    "POSTGRES_PASSWORD": "pg-secret",
    "RABBITMQ_PASSWORD": "mq-secret",
    "GRAFANA_PASSWORD": "graf-secret",
    "API_TOKEN": API_TOKEN,
    "PUBLIC_URL": "https://gdial.example.org",
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TWILIO_FROM_NUMBER": OUR_NUMBER,
}
OURS = ("upgrade", "web", "call-worker", "tts-worker", "scheduler")
UP_WITHIN_SECONDS = 60.0


@pytest.fixture
def document() -> dict[str, Any]:
    return read(FILE, REQUIRED)


def test_its_structure_is_that_of_the_specification(document: dict[str, Any]) -> None:
    assert faults(document, COMPOSE) == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("web", "comand", ["gdial"]),
        ("web", "ports", ["3003:3003"]),
        ("web", "ports", ["0.0.0.0:3003:3003"]),
        ("web", "depends_on", {"nobody": {"condition": "service_started"}}),
        ("web", "depends_on", {"upgrade": {"condition": "service_done"}}),
        ("web", "environment", {"API_PORT": 3003}),
        ("postgres", "volumes", ["data:/var/lib/postgresql/data"]),
        ("grafana", "volumes", ["./missing.yml:/etc/missing.yml:ro"]),
        ("prometheus", "secrets", ["other"]),
        ("rabbitmq", "image", "rabbitmq:latest"),
    ],
)
def test_the_check_finds_what_compose_would_refuse(
    document: dict[str, Any], service: str, key: str, value: Any
) -> None:
    broken = deepcopy(document)
    broken["services"][service][key] = value
    assert faults(broken, COMPOSE) != []


def test_it_has_the_parts_of_the_plan(document: dict[str, Any]) -> None:
    services = document["services"]
    assert set(services) == {*OURS, "postgres", "rabbitmq", "prometheus", "grafana"}
    assert (services["postgres"]["image"], services["rabbitmq"]["image"]) == ("postgres:17", "rabbitmq:4-management")
    counts = {name: services[name]["deploy"]["replicas"] for name in ("call-worker", "tts-worker", "scheduler")}
    assert counts == {"call-worker": 3, "tts-worker": 2, "scheduler": 1}
    for name in OURS:
        assert int(services[name]["stop_grace_period"].rstrip("s")) > explicit_settings().shutdown_grace_sec


@pytest.mark.parametrize("name", REQUIRED)
def test_no_password_and_no_address_is_built_in(name: str) -> None:
    with pytest.raises(Unset, match=name):
        read(FILE, {key: value for key, value in REQUIRED.items() if key != name})


def test_the_example_of_the_environment_names_every_variable_and_no_other() -> None:
    example = (COMPOSE / ".env.example").read_text("utf-8")
    named = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)", FILE.read_text("utf-8")))
    unset = re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE)
    assert set(unset) == {(name, "") for name in REQUIRED}, "to be filled in, with nothing that could be left"
    assert set(named) - asked == set()
    assert asked - set(named) == {"GDIAL_VERSION", "TWILIO_API_BASE", "TTS_PREFETCH"}


def test_every_variable_handed_to_gdial_is_one_of_its_settings(document: dict[str, Any]) -> None:
    settings = {row.name for row in describe_settings()}
    for name in OURS:
        assert set(document["services"][name]["environment"]) - settings == set()


def test_the_image_is_made_of_the_pinned_packages_and_runs_as_nobody_special() -> None:
    lines = (COMPOSE / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith(("#", " "))]
    assert [words[1] for words in steps if words[0] == "FROM"] == ["python:3.12-slim AS build", "python:3.12-slim"]
    installs = [words[1] for words in steps if words[0] == "RUN" and "pip install" in words[1]]
    assert all("--require-hashes -r requirements.lock" in text or "--no-deps" in text for text in installs)
    (user,) = [words[1] for words in steps if words[0] == "USER"]
    assert user == "10001:10001"
    ignored = (COMPOSE / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for words in steps:
        if words[0] == "COPY" and not words[1].startswith("--from"):
            *sources, _ = shlex.split(words[1])
            assert all((ROOT / source).exists() and f"!{source}" in ignored for source in sources)


class Started:
    """Services as processes: each with the environment of the file, of which only addresses are changed."""

    def __init__(self, document: Mapping[str, Any], folder: Path, here: Mapping[str, str]) -> None:
        self._services = document["services"]
        self._folder = folder
        self._here = here
        self.port = int(here["API_PORT"])
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        own = self._folder / name
        own.mkdir()
        service = self._services[name]
        program, *arguments = service["command"]
        environment = service["environment"] | self._here | {"DATA_DIR": str(own), "PATH": os.environ["PATH"]}
        with (self._folder / f"{name}.log").open("wb") as log:
            command = [str(Path(sys.executable).with_name(program)), *arguments]
            process = subprocess.Popen(command, cwd=own, env=environment, stdout=log, stderr=log)
        self._running[name] = process
        return process

    def stop(self) -> dict[str, int]:
        """Told to end as compose does it; the exit codes."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(timeout=30) for name, process in self._running.items()}

    def kill(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()

    def told(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text('utf-8')[-800:]}" for log in self._folder.glob("*.log"))


@pytest.fixture
def started(tmp_path: Path, document: dict[str, Any], postgres_url: str, rabbitmq_url: str) -> Iterator[Started]:
    here = {
        "DATABASE_URL": postgres_url,
        "RABBITMQ_URL": rabbitmq_url,
        "API_HOST": "127.0.0.1",
        "API_PORT": str(free_port()),
        "METRICS_PORT": "0",
        "TWILIO_API_BASE": f"http://127.0.0.1:{free_port()}",
    }
    running = Started(document, tmp_path, here)
    yield running
    running.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_service_of_ours_starts_with_its_command_and_its_environment(started: Started) -> None:
    assert started.start("upgrade").wait(timeout=60) == 0, started.told()
    kinds = {"web": "web", "call-worker": "call", "tts-worker": "tts", "scheduler": "scheduler"}
    processes = {kind: started.start(name).pid for name, kind in kinds.items()}
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while alive_kinds(started) != processes:
        assert time.monotonic() < deadline, started.told()
        time.sleep(0.1)
    assert set(started.stop().values()) == {0}, started.told()


def alive_kinds(started: Started) -> dict[str, int]:
    page = ask(started.port, "/api/workers")
    return {worker["kind"]: worker["process_id"] for worker in page["items"]} if page else {}
