"""`gdial` as its users run it: in a process and a folder of its own, with nothing of this machine's settings."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

PATIENCE_SECONDS = 60.0
"""For one command on a busy machine; no test waits for so long when all is well."""

Finished = subprocess.CompletedProcess[str]


class Place:
    """A folder to type commands in, with the settings that count there."""

    def __init__(self, folder: Path, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        self.environment = kept | {"HOME": str(folder), "NO_COLOR": "1"}
        self.set(**settings)

    def set(self, **settings: object) -> None:
        self.environment |= {name.upper(): str(value) for name, value in settings.items()}

    def run(self, *words: str, typed: str = "") -> Finished:
        """The command, run to its end; `typed` is its standard input, which is no terminal."""
        return subprocess.run(
            [sys.executable, "-m", "gdial", *words],
            cwd=self.folder,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def run_json(self, *words: str) -> Any:
        """What a command that must succeed tells as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def started(self, *words: str, errors: str = "errors.txt") -> Iterator[Running]:
        """The command as a process that is killed when the block ends and it has not ended by itself; `errors` is the
        file of its standard error."""
        with (self.folder / errors).open("w+", encoding="utf-8") as error_file:
            process = subprocess.Popen(
                [sys.executable, "-m", "gdial", *words],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=error_file,
                # A test runner in the background ignores Ctrl-C, and hands that on.
                preexec_fn=_take_interrupts,
            )
            try:
                yield Running(process, Path(error_file.name))
            finally:
                process.kill()
                process.wait()
                assert process.stdout is not None
                process.stdout.close()


def _take_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """A command that runs, and what it has said."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self.said = ""
        self._errors = errors

    @property
    def errors(self) -> str:
        return self._errors.read_text("utf-8")

    def wait_for(self, text: str) -> str:
        """All that was said, as soon as it holds this text."""
        assert self.process.stdout is not None
        handle, give_up_at = self.process.stdout.fileno(), time.monotonic() + PATIENCE_SECONDS
        while text not in self.said:
            left = give_up_at - time.monotonic()
            ready = select.select([handle], [], [], max(0.0, left))[0]
            piece = os.read(handle, 65_536) if ready else b""
            assert piece, f"ended or silent without saying {text!r}: {self.said}\n{self.errors}"
            self.said += piece.decode()
        return self.said

    def first_json(self) -> dict[str, Any]:
        """The line of JSON it begins with."""
        line = self.wait_for("\n").partition("\n")[0]
        told: dict[str, Any] = json.loads(line)
        return told

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after this signal."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


def answers(url: str, token: str = "") -> int:
    """The HTTP status; 0 when nobody listens, or the one who did ends meanwhile."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=10) as response:  # noqa: S310
            return int(response.status)
    except OSError as error:
        return int(getattr(error, "code", 0))


def read_json(url: str) -> Any:
    with urlopen(url, timeout=10) as response:  # noqa: S310 - loopback
        return json.load(response)


def wait_until(condition: Any, what: str) -> None:
    """What another process does is seen by looking."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.05)


def assert_told_plainly(done: Finished, exit_code: int, *texts: str) -> None:
    """A clear error on standard error, nothing of our insides, and this exit code."""
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == 1, done.stderr
    for text in texts:
        assert text in done.stderr
