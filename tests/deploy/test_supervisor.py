"""supervisord really runs the shipped configuration, on a private broker and database."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

from tests.deploy.files import DEPLOY, ask
from tests.support.ports import free_port
from tests.support.services import PrivatePostgres
from tests.support.serving import API_TOKEN

START = DEPLOY / "supervisor" / "start"
BIN = Path(sys.executable).parent
NAMES = [
    *(f"call_worker_0{place}" for place in range(3)),
    *(f"tts_worker_0{place}" for place in range(2)),
    "scheduler_00",
    "web_00",
]
UP_WITHIN_SECONDS = 60.0


class Supervised:
    """supervisord with GDial's processes; `start ctl` asks it, as an operator would."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = int(environment["API_PORT"])
        self._environment = environment
        with (folder / "supervisord.out").open("wb") as out:
            self._process = subprocess.Popen([START], env=environment, stdout=out, stderr=out)

    def status(self) -> dict[str, tuple[str, int]]:
        """State and pid of each process by name."""
        url = f"unix://{self.folder / 'run' / 'supervisor.sock'}"
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=SupervisorTransport(serverurl=url))
        try:
            found: Any = proxy.supervisor.getAllProcessInfo()
        except OSError:
            return {}
        assert {process["group"] for process in found} == {"gdial_workers"}
        return {process["name"]: (process["statename"], process["pid"]) for process in found}

    def ctl(self, *arguments: str) -> str:
        """As an operator asks it."""
        command = [str(START), "ctl", *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False).stdout

    def alive(self) -> dict[str, set[int]]:
        """Process ids of those that say so themselves, by kind."""
        page = ask(self.port, "/api/workers")
        found: dict[str, set[int]] = {}
        for worker in page["items"] if page else []:
            if worker["alive"]:
                found.setdefault(worker["kind"], set()).add(worker["process_id"])
        return found

    def wait_for_workers(self, pids: set[int]) -> None:
        deadline = time.monotonic() + UP_WITHIN_SECONDS
        while not pids <= {pid for kind in self.alive().values() for pid in kind}:
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.1)

    def wait_until_running(self, besides: Mapping[str, int]) -> dict[str, int]:
        """All of them, none under these pids; the pids."""
        deadline = time.monotonic() + UP_WITHIN_SECONDS
        while True:
            status = self.status()
            if len(status) == len(NAMES) and all(
                state == "RUNNING" and besides.get(name) != pid for name, (state, pid) in status.items()
            ):
                return {name: pid for name, (_, pid) in status.items()}
            assert time.monotonic() < deadline, f"{status}\n{self.told()}"
            time.sleep(0.1)

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        if self._process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def told(self) -> str:
        logs = [self.folder / "supervisord.out", *sorted((self.folder / "log").glob("*.log"))]
        return "\n".join(f"== {log.name}\n{log.read_text('utf-8')[-600:]}" for log in logs)


@pytest.fixture
def supervised(
    tmp_path: Path, postgres_server: PrivatePostgres, postgres_template: str, rabbitmq_url: str
) -> Iterator[Supervised]:
    """The shipped configuration; only user, paths and addresses are this machine's."""
    url = postgres_server.create_database(postgres_template)
    running = Supervised(tmp_path, environment_in(tmp_path, url, rabbitmq_url))
    yield running
    running.kill()
    postgres_server.drop_database(url)


def environment_in(folder: Path, database_url: str, rabbitmq_url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GDIAL_ENV_FILE": str(settings_file(folder, database_url, rabbitmq_url)),
        "GDIAL_BIN": str(BIN),
        "GDIAL_USER": getpass.getuser(),
        "GDIAL_DIR": str(folder / "data"),
        "GDIAL_LOG_DIR": str(folder / "log"),
        "GDIAL_RUN_DIR": str(folder / "run"),
        "SUPERVISOR_BIN": str(BIN / "supervisord"),
        "SUPERVISORCTL_BIN": str(BIN / "supervisorctl"),
        "API_PORT": str(free_port()),
    }


def settings_file(folder: Path, database_url: str, rabbitmq_url: str) -> Path:
    """As `/etc/gdial/gdial.env` would be. Nobody is rung: the telephone network for drills is not there."""
    file = folder / "gdial.env"
    network = f"http://127.0.0.1:{free_port()}"
    file.write_text(
        f"DATABASE_URL={database_url}\nRABBITMQ_URL={rabbitmq_url}\nAPI_TOKEN={API_TOKEN}\n"
        f"DRILL_API_BASE={network}\nMETRICS_PORT=0\n"
    )
    return file


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_are_up_one_that_is_killed_comes_back_and_all_end_cleanly(supervised: Supervised) -> None:
    pids = supervised.wait_until_running(besides={})
    assert sorted(pids) == sorted(NAMES)
    assert supervised.ctl("status").count("RUNNING") == len(NAMES)
    supervised.wait_for_workers(set(pids.values()))
    alive = supervised.alive()
    assert {kind: len(found) for kind, found in alive.items()} == {"call": 3, "tts": 2, "scheduler": 1, "web": 1}

    os.kill(pids["call_worker_01"], signal.SIGKILL)
    again = supervised.wait_until_running(besides={"call_worker_01": pids["call_worker_01"]})
    assert {name for name in NAMES if again[name] != pids[name]} == {"call_worker_01"}
    supervised.wait_for_workers({again["call_worker_01"]})

    assert supervised.stop() == 0
    told = (supervised.folder / "log" / "supervisord.log").read_text("utf-8")
    for name in NAMES:
        assert f"stopped: {name} (exit status 0)" in told, supervised.told()
        assert (supervised.folder / "log" / f"{name}.log").stat().st_size > 0
    assert "worker started" in (supervised.folder / "log" / "call_worker_00.log").read_text("utf-8")


def test_without_a_word_it_has_the_defaults_of_the_plan(tmp_path: Path) -> None:
    """What `start` hands on, told by a supervisord that only prints its environment."""
    spy = tmp_path / "spy"
    spy.write_text("#!/bin/sh\nenv\n")
    spy.chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "GDIAL_ENV_FILE": str(tmp_path / "none"),
        "SUPERVISOR_BIN": str(spy),
        "GDIAL_USER": getpass.getuser(),
        **{name: str(tmp_path) for name in ("GDIAL_DIR", "GDIAL_LOG_DIR", "GDIAL_RUN_DIR")},
        "SHUTDOWN_GRACE_SEC": "45",
    }
    done = subprocess.run([START], env=environment, capture_output=True, text=True, check=True)
    told = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert (told["CALL_WORKERS_COUNT"], told["TTS_WORKERS_COUNT"]) == ("3", "2")
    assert told["GDIAL_BIN"] == "/opt/gdial/.venv/bin"
    assert told["GDIAL_STOP_WAIT_SEC"] == "55", "more than the grace"
