"""`gdial backup` and `gdial restore`."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.commands import Place, assert_told_plainly
from tests.support.ports import free_port


def groups(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as opened:
        return [name for (name,) in opened.execute("SELECT name FROM groups ORDER BY name")]


def add_group(place: Place, name: str) -> None:
    with closing(sqlite3.connect(place.folder / "gdial-data/gdial.db")) as database:
        database.execute(
            "INSERT INTO groups (id, name, created_at) VALUES (?, ?, '2026-03-01 04:00:00')",
            (name.ljust(32, "0"), name),
        )
        database.commit()


@pytest.fixture
def filled(place: Place, sqlite_template: Path) -> Place:
    (place.folder / "gdial-data").mkdir(mode=0o700)
    shutil.copy(sqlite_template, place.folder / "gdial-data/gdial.db")
    add_group(place, "a1")
    return place


def test_a_backup_of_a_serving_gdial_is_restored_elsewhere(served: Place, place: Place) -> None:
    file = place.folder / "gdial.backup"
    saved = served.run("backup", str(file))
    assert saved.returncode == 0, saved.stderr
    assert "contacts 3" in saved.stdout
    assert "secret" in saved.stdout
    done = place.run("restore", "gdial.backup")
    assert done.returncode == 0, done.stderr
    assert "contacts 3" in done.stdout
    assert place.run("db", "status").returncode == 0
    assert (place.folder / "gdial-data/gdial.db").stat().st_mode & 0o077 == 0
    assert {path.name for path in (place.folder / "gdial-data").iterdir()} <= {"gdial.db", "gdial.db.serving"}


def test_a_database_in_use_is_not_replaced(served: Place) -> None:
    assert served.run("backup", "in-use.backup", "--force").returncode == 0
    done = served.run("restore", "in-use.backup", "--replace", "--yes")
    assert_told_plainly(done, 1, "another gdial serve", "stop it first")


def test_what_is_there_is_replaced_only_when_asked(filled: Place) -> None:
    database = filled.folder / "gdial-data/gdial.db"
    assert filled.run("backup", "one.backup").returncode == 0
    add_group(filled, "b2")
    assert_told_plainly(filled.run("restore", "one.backup"), 1, "not empty (groups 2)", "--replace")
    assert_told_plainly(filled.run("restore", "one.backup", "--replace"), 1, "--yes")
    assert groups(database) == ["a1", "b2"]
    told = filled.run_json("restore", "one.backup", "--replace", "--yes")
    assert groups(database) == ["a1"]
    assert groups(filled.folder / told["kept_as"]) == ["a1", "b2"]


def test_a_file_that_is_there_is_not_written_over(filled: Place) -> None:
    (filled.folder / "mine").write_text("mine", "utf-8")
    assert_told_plainly(filled.run("backup", "mine"), 2, "is there already", "--force")
    assert (filled.folder / "mine").read_text("utf-8") == "mine"
    assert filled.run("backup", "mine", "--force").returncode == 0
    assert_told_plainly(filled.run("backup", "nowhere/mine"), 2, "no folder nowhere")


def test_what_is_no_backup_is_refused(filled: Place) -> None:
    (filled.folder / "text").write_text("hello", "utf-8")
    assert_told_plainly(filled.run("restore", "text"), 2, "no backup of GDial")
    assert_told_plainly(filled.run("restore", "nothing"), 2, "no such file")
    assert_told_plainly(filled.run("restore", "gdial-data/gdial.db"), 2, "no backup of GDial")


def change_manifest(file: Path, **values: object) -> None:
    with tarfile.open(file) as tar:
        parts = {name: (tar.extractfile(name) or io.BytesIO()).read() for name in tar.getnames()}
    manifest = json.loads(parts["manifest.json"]) | values
    parts["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(file, "w") as tar:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize(
    ("values", "code", "reason"),
    [
        ({"revision": "9999"}, 1, "newer version"),
        ({"format": 2}, 2, "newer GDial"),
        ({"kind": "postgresql"}, 2, "backup of postgresql"),
        ({"sha256": "0" * 64}, 2, "damaged"),
        ({"counts": {"groups": 7}}, 1, "other numbers of rows"),
        ({"program": "other"}, 2, "no backup of GDial"),
        ({"surprise": 1}, 2, "no backup of GDial"),
    ],
)
def test_a_backup_that_cannot_be_trusted_changes_nothing(
    filled: Place, values: dict[str, object], code: int, reason: str
) -> None:
    assert filled.run("backup", "one.backup").returncode == 0
    change_manifest(filled.folder / "one.backup", **values)
    assert_told_plainly(filled.run("restore", "one.backup", "--replace", "--yes"), code, reason)
    assert groups(filled.folder / "gdial-data/gdial.db") == ["a1"]
    assert not list((filled.folder / "gdial-data").glob(".gdial-restore-*"))


def test_a_damaged_database_can_be_replaced(filled: Place) -> None:
    assert filled.run("backup", "one.backup").returncode == 0
    database = filled.folder / "gdial-data/gdial.db"
    database.write_bytes(b"no database at all, " * 1000)
    assert_told_plainly(filled.run("restore", "one.backup"), 1, "cannot be read", "--replace")
    assert filled.run("restore", "one.backup", "--replace", "--yes").returncode == 0
    assert groups(database) == ["a1"]


def test_there_must_be_something_to_save(place: Place) -> None:
    assert_told_plainly(place.run("backup", "one.backup"), 1, "there is no database")
    place.set(database_url=f"postgresql://gdial@127.0.0.1:{free_port()}/gdial")
    assert_told_plainly(place.run("backup", "one.backup"), 1, "does not answer")
    assert list(place.folder.glob("*.backup")) == []
