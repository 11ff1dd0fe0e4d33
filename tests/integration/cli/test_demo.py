"""`gdial demo`: from the list to the report, with nothing else there."""

from __future__ import annotations

import csv
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gdial.cli.demo.folder import KEPT, make_demo_folder
from gdial.cli.demo.scenario import CONTACTS
from gdial.contacts.reading import read_contact_list
from gdial.storage.alone import serving_alone
from tests.integration.cli.commands import PATIENCE_SECONDS, Place, answers, assert_told_plainly, read_json

FICTIONAL = re.compile(r"\+46(70174(060[5-9]|06[1-9]\d)|3139006\d\d|4062804\d\d|8465004\d\d|9803192\d\d)")
"""The series that the Swedish numbering plan keeps for fiction (PTS)."""

QUICKLY = ("--speed", "60")


def test_the_sample_list_has_sixty_people_whose_phones_ring_nowhere() -> None:
    with CONTACTS.open("rb") as file:
        listed = read_contact_list(file, region="SE")
    numbers = [number.number for contact in listed.contacts for number in contact.phone_numbers]
    assert len(listed.contacts) == 60
    assert [number for number in numbers if not FICTIONAL.fullmatch(number)] == []
    assert len(set(numbers)) == len(numbers) > 90
    assert len({group for contact in listed.contacts for group in contact.groups}) >= 3
    assert listed.rows_refused == 5


def test_a_whole_call_out_twice_at_once_in_a_folder_with_spaces(tmp_path: Path) -> None:
    place = Place(tmp_path / "en mapp på hög")
    # Nothing of the real world may reach a demo.
    place.set(twilio_account_sid="AC" + "0a" * 16, api_token="short", rabbitmq_url="amqp://127.0.0.1/")
    with closing(_take_usual_port()), place.started("demo", *QUICKLY) as running:
        told = _in_a_terminal(place)
        plain = running.wait_for("Database:")
        assert running.process.wait(PATIENCE_SECONDS) == 0
    for said in (plain, told):
        assert "Created 60, updated 0, unchanged 0" in said
        assert "O70-1740690" in said
        assert "the ledger balances" in said
    folders = sorted((place.folder / "gdial-data/demo").iterdir())
    assert len(folders) == 2
    for folder in folders:
        _assert_everything_happened(folder)


def _assert_everything_happened(folder: Path) -> None:
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = Counter(row["answer_label"] for row in rows if row["outcome"] == "reached")
    reasons = {row["reason"] for row in rows if row["outcome"] == "not_reached"}
    assert len(rows) == 60
    assert labels["Kommer"] > labels["Kan inte"] > 5
    assert {"no answer", "no key", "busy", "bad number"} <= reasons
    assert max(int(row["attempts"]) for row in rows) > 2
    assert {row["mode"] for row in rows} == {"drill"}
    assert sum(1 for _ in (folder / "audio").rglob("*.wav")) > 50


def _take_usual_port() -> socket.socket:
    """Port 3003 is taken by us, or by somebody else."""
    holder = socket.socket()
    with suppress(OSError):
        holder.bind(("127.0.0.1", 3003))
        holder.listen()
    return holder


def _in_a_terminal(place: Place) -> str:
    """The demo as somebody sees it who watches, looks at the address it tells, and presses Ctrl-C."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gdial", "demo", *QUICKLY],
        cwd=place.folder,
        env=place.environment | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    try:
        said = _read_until(ours, "gdial --help")
        address = re.search(r"GDial serves on at (http://\S+)", said)
        assert address is not None
        assert answers(f"{address[1]}/health/live") == 200
        process.send_signal(signal.SIGINT)
        exit_code = process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "reached" in said
    assert "people a minute" in said
    assert exit_code == 0
    assert answers(f"{address[1]}/health/live") == 0
    return said


def _read_until(handle: int, text: str) -> str:
    said, give_up_at = b"", time.monotonic() + 100
    while text.encode() not in said:
        ready = select.select([handle], [], [], max(0.0, give_up_at - time.monotonic()))[0]
        assert ready, said.decode(errors="replace")[-3000:]
        said += os.read(handle, 65_536)
    return said.decode(errors="replace")


def test_ctrl_c_in_the_middle_ends_it_and_its_telephone_network(place: Place) -> None:
    with place.started("demo") as running:
        said = running.wait_for("people a minute")
        network = said.partition("the telephone network is ")[2].split()[0]
        assert "calls" in read_json(f"{network}/ledger")
        assert running.end(signal.SIGINT) == 130
        assert answers(f"{network}/health/live") == 0


def test_the_last_demos_are_kept_and_those_that_still_serve(tmp_path: Path) -> None:
    began = datetime(2026, 3, 1, 4, tzinfo=UTC)
    made = [make_demo_folder(tmp_path, began)]
    made[0].joinpath("gdial.db").touch()
    (tmp_path / "of somebody else").mkdir()
    with serving_alone(made[0] / "gdial.db"):
        for minute in range(1, 6):
            made.append(make_demo_folder(tmp_path, began + timedelta(minutes=minute)))
            made[-1].joinpath("gdial.db").touch()
    assert [folder.exists() for folder in made] == [True, False, False, *[True] * KEPT]
    assert (tmp_path / "of somebody else").exists()


def test_two_in_the_same_second_have_folders_of_their_own(tmp_path: Path) -> None:
    first, second = (make_demo_folder(tmp_path, datetime(2026, 3, 1, 4, tzinfo=UTC)) for _ in range(2))
    assert first != second


@pytest.mark.parametrize("speed", ["0", "-3"])
def test_a_speed_that_is_none_is_refused(place: Place, speed: str) -> None:
    assert_told_plainly(place.run("demo", "--speed", speed), 2, "error: --speed: ")
    assert not (place.folder / "gdial-data").exists()


def test_a_folder_that_cannot_be_made_is_told(place: Place) -> None:
    (place.folder / "gdial-data").write_text("in the way")
    assert_told_plainly(place.run("demo"), 1, "gdial-data/demo", "--folder")
