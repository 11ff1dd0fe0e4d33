"""`gdial db`."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.integration.cli.commands import Place, assert_told_plainly


def test_a_database_is_made_and_is_then_up_to_date(place: Place) -> None:
    assert_told_plainly(
        place.run("db", "status"), 1, "there is no database gdial-data/gdial.db yet", "gdial db upgrade"
    )
    assert not (place.folder / "gdial-data").exists()
    first = place.run("db", "upgrade")
    assert (first.returncode, first.stderr) == (0, "")
    assert "ran 0001" in first.stdout
    assert "nothing to do" in place.run("db", "upgrade").stdout
    status = place.run("db", "status")
    assert (status.returncode, status.stdout) == (0, "gdial-data/gdial.db: up to date.\n")


def test_a_database_of_a_newer_version_is_left_alone(place: Place) -> None:
    place.run("db", "upgrade")
    with closing(sqlite3.connect(place.folder / "gdial-data/gdial.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for command in ("status", "upgrade"):
        assert_told_plainly(place.run("db", command), 1, "revision 9999", "newer version")


def test_a_postgresql_that_is_away_is_told(place: Place) -> None:
    place.set(database_url="postgresql://gdial:hemligt@127.0.0.1:1/gdial")
    done = place.run("db", "status")
    assert_told_plainly(done, 1, "the database does not answer")
    assert "hemligt" not in done.stderr


def test_it_works_beside_a_gdial_that_serves(served: Place) -> None:
    assert "up to date" in served.run("db", "status").stdout
    assert "nothing to do" in served.run("db", "upgrade").stdout


def test_a_postgresql_is_upgraded_by_the_command_and_not_by_serving(place: Place, postgres_url: str) -> None:
    place.set(database_url=postgres_url, api_port=0)
    assert_told_plainly(place.run("db", "status"), 1, "run: gdial db upgrade")
    assert_told_plainly(place.run("serve", "--no-simulator"), 1, "run: gdial db upgrade")
    assert place.run("db", "upgrade").returncode == 0
    with place.started("serve", "--no-simulator", "--json") as running:
        assert running.first_json()["database"] == postgres_url
        assert place.run("db", "status").returncode == 0
        assert running.end() == 0
