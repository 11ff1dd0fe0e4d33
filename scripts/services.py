"""A private PostgreSQL and RabbitMQ for a developer: `python -m scripts.services start`, and `stop`.

They run under a keeper in the background and are gone, data and all, when it ends. The keeper holds a lock on
`.services/keeper`, which outlives no process: so "do they run?" has one true answer.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from tests.support.services import ServerFailed, ServerMissing, private_postgres, private_rabbitmq

FOLDER = Path(".services")
KEEPER = FOLDER / "keeper"
ADDRESSES = FOLDER / "addresses"
LOG = FOLDER / "log"
STARTED_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 30


def start() -> str:
    """Start them unless they run; returns what to tell."""
    FOLDER.mkdir(exist_ok=True)
    if is_running():
        return f"They run already.\n{told()}"
    ADDRESSES.unlink(missing_ok=True)
    with LOG.open("w") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "scripts.services", "keep"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while not ADDRESSES.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.terminate()
            sys.exit(f"The services did not start.\n{LOG.read_text().strip()}")
        time.sleep(0.1)
    return told()


def told() -> str:
    hint = "Copy these lines into your shell. To stop both and lose their data: make stop-services"
    return f"{ADDRESSES.read_text()}{hint}"


def keep() -> None:
    """Hold the lock and the servers until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with KEEPER.open("a") as lock:
        if not can_lock(lock):
            sys.exit("Another start is under way.")
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        try:
            with private_postgres() as postgres, private_rabbitmq() as rabbitmq:
                write_addresses(postgres.create_database(), rabbitmq.url)
                while True:
                    signal.pause()
        except (ServerMissing, ServerFailed) as error:
            sys.exit(str(error))
        finally:
            ADDRESSES.unlink(missing_ok=True)


def write_addresses(database_url: str, rabbitmq_url: str) -> None:
    """All at once: whoever waits for the file reads it whole."""
    written = ADDRESSES.with_suffix(".new")
    written.write_text(f"export DATABASE_URL={database_url}\nexport RABBITMQ_URL={rabbitmq_url}\n")
    written.rename(ADDRESSES)


def stop() -> str:
    """Stop them and return when they are gone."""
    if not is_running():
        return "No services run."
    os.kill(int(KEEPER.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + STOPPED_WITHIN_SECONDS
    while is_running():
        if time.monotonic() > deadline:
            sys.exit(f"The services did not stop; their keeper is process {KEEPER.read_text().strip()}.")
        time.sleep(0.05)
    return "Stopped."


def is_running() -> bool:
    if not KEEPER.exists():
        return False
    with KEEPER.open() as lock:
        return not can_lock(lock)


def can_lock(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    command = sys.argv[1:]
    if command == ["keep"]:
        keep()
    elif command in (["start"], ["stop"]):
        print(start() if command == ["start"] else stop())
    else:
        sys.exit("usage: python -m scripts.services start|stop")
