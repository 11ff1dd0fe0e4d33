"""Install the packages of a lock and GDial itself into the environment this runs in: `install.py requirements.lock`."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check"]
SEEN = re.compile(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)")

NO_INDEX = "Is there a network, and a package index that pip may use? See: .venv/bin/pip config list"


def run_pip(arguments: list[str], title: str, hint: str) -> None:
    """Run pip, showing how far it is; ends the program with pip's last words and the hint when it fails."""
    log: list[str] = []
    seen = 0
    pip = subprocess.Popen([*PIP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert pip.stdout is not None  # noqa: S101 - asked for one line above
    for line in pip.stdout:
        log.append(line.rstrip())
        if found := SEEN.match(line):
            seen += 1
            show(f"{title}: {seen} {found[1]}")
        elif line.startswith("Installing collected"):
            show(f"{title}: unpacking")
    show("")
    if pip.wait() != 0:
        sys.exit("\n".join([*log[-15:], "", f"{title}: not installed. {hint}"]))


def show(text: str) -> None:
    """Rewrite the current line of a terminal; silent elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text[:100]}", end="", flush=True)


def main(lock: str) -> None:
    count = len(re.findall(r"^[a-z0-9]", Path(lock).read_text("utf-8"), re.MULTILINE))
    print(f"Installing up to {count} packages of {lock} into .venv (the first time takes a minute)", flush=True)
    begun = time.monotonic()
    run_pip(["install", "--require-hashes", "--requirement", lock], "Packages", NO_INDEX)
    run_pip(["install", "--no-deps", "--no-build-isolation", "--editable", "."], "GDial itself", "")
    print(f"Installed in {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
