"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdial.settings import describe_settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "gdial"
LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 40
LOCKS = ("requirements.lock", "requirements-dev.lock")

CORE = ("errors.py", "contacts", "messages", "dialing")
# What reads a clock, throws dice, waits, or talks to anything outside.
OUTSIDE_MODULES = {
    "aio_pika", "aiohttp", "aiosqlite", "asyncio", "asyncpg", "concurrent", "fastapi", "fileinput", "ftplib", "http",
    "logging", "multiprocessing", "os", "pydantic_settings", "random", "requests", "secrets", "select", "shutil",
    "signal", "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl", "starlette", "structlog", "subprocess", "sys",
    "tempfile", "threading", "time", "uvicorn",
}  # fmt: skip
OUTSIDE_FUNCTIONS = {"open", "input", "print", "uuid1", "uuid4", "urlopen"}
OUTSIDE_METHODS = {"now", "utcnow", "today", "uuid1", "uuid4", "read_text", "read_bytes", "write_text", "write_bytes"}


MIGRATIONS = SOURCE / "storage" / "migrations" / "versions"
"""Written from the tables, read once: a function there is as long as its tables have columns."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def core_files() -> list[Path]:
    paths = [SOURCE / name for name in CORE]
    return [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_long() -> None:
    lengths = {
        shown(path): len(path.read_text("utf-8").splitlines())
        for folder in ("src", "tests", "scripts", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_no_function_is_long() -> None:
    found = {
        f"{shown(path)}:{node.lineno} {node.name}": lines
        for path in SOURCE.rglob("*.py")
        if path.parent != MIGRATIONS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION_LINES
    }
    assert found == {}


def outside_uses(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.partition(".")[0] in OUTSIDE_MODULES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in OUTSIDE_MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in OUTSIDE_FUNCTIONS:
                yield f"{name}()"
            case ast.Call(func=ast.Attribute(attr=name)) if name in OUTSIDE_METHODS:
                yield f"{name}()"


@pytest.mark.parametrize("path", core_files(), ids=shown)
def test_the_core_knows_no_clock_no_dice_and_no_outside(path: Path) -> None:
    assert list(outside_uses(ast.parse(path.read_text("utf-8")))) == []


def test_the_check_of_the_core_finds_what_it_looks_for() -> None:
    guilty = "import os.path\nfrom random import choice\nfrom datetime import datetime\ndatetime.now()\nopen('x')"
    assert list(outside_uses(ast.parse(guilty))) == ["os.path", "random", "now()", "open()"]
    innocent = (
        "from datetime import datetime\nclass Port(Protocol):\n    async def ask(self, now: datetime) -> None: ..."
    )
    assert list(outside_uses(ast.parse(innocent))) == []


def test_rooms_import_downwards_only() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_pins_every_package_by_hash(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"https?:|file:|index-url|find-links|trusted-host|@ ", text) == []
    packages = re.findall(r"^[a-z0-9].*\\\n +--hash=sha256:", text, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


def pins(name: str) -> set[str]:
    """`package==version`, whatever the platform it is for."""
    return set(re.findall(r"^[a-z0-9][\w.-]*==[\w.]+", (ROOT / name).read_text("utf-8"), re.MULTILINE))


def test_tools_and_runtime_are_pinned_to_the_same_versions() -> None:
    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.split(r"[^\w.-]", requirement)[0] for requirement in project["dependencies"]]


def test_every_dependency_is_pinned() -> None:
    pinned = {pin.partition("==")[0] for pin in pins("requirements.lock")}
    # setuptools builds GDial itself at the set-up, without an index.
    assert {*dependencies(), "setuptools"} - pinned == set(), "run: make lock"


def test_every_dependency_is_explained() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8").lower()
    assert [name for name in dependencies() if not re.search(rf"\b{re.escape(name)}\b", architecture)] == []


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert [row.name for row in describe_settings() if f"`{row.name}`" not in page] == []


def test_every_make_command_of_the_documentation_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {(shown(page), target) for page in pages for target in make_targets_of(page.read_text("utf-8"))}
    assert ("README.md", "demo") in named
    assert {(page, target) for page, target in named if target not in targets} == set()


def make_targets_of(page: str) -> list[str]:
    blocks = re.findall(r"^```.*?^```", page, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", page)
    found = [re.match(r"\s*(?:\$ )?(?:.*&& )?(?:[A-Z_]+=\S+ )*make ([a-z-]+)", command) for command in commands]
    return [match[1] for match in found if match]


def test_no_file_names_a_folder_of_one_machine() -> None:
    private = re.compile(rf"/(?:home|Users)/(?!gdial\b)\w+/|/(?:root|work)/|{re.escape(str(ROOT))}/")
    found = [
        f"{shown(path)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        if private.search(line) and path != Path(__file__)
    ]
    assert found == []
