"""`gdial run`: started, watched, steered and reported by people who type names."""

from __future__ import annotations

import csv
import signal

import pytest

from tests.integration.cli.commands import PATIENCE_SECONDS, Place, assert_told_plainly, wait_until
from tests.support.ports import free_port

QUICK = ("--rounds", "1", "--wait-between-numbers", "0")
TEXT = ("--text", "Hej {first_name}! Tryck 1 om du kommer.", "--key", "1=Kommer:Tack.", "--key", "2=Kan inte")
DRILL = ("run", "start", "--drill", *TEXT)
SLOW = ("--rounds", "20", "--wait-between-rounds", "600")
"""For the one who never answers, it goes on until it is stopped."""


def test_a_run_is_followed_to_its_end_and_the_ledger_balances(served: Place) -> None:
    done = served.run(*DRILL, *QUICK, "--group", "alla", "--name", "Brand [i] arkivet")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Brand [i] arkivet has started: 3 people, run ")
    assert any("done: 3 of 3 ended" in line for line in lines)
    assert [line.split() for line in lines if line.startswith(("1 ", "2 ", "not "))] == [
        ["1", "Kommer", "1"],
        ["2", "Kan", "inte", "1"],
        ["not", "reached", "1"],
    ]
    assert lines[-1] == "recipients 3 = reached 2 + not reached 1 + stopped 0  the ledger balances"


def test_ctrl_c_leaves_the_run_going_and_says_how_to_stop_it(served: Place) -> None:
    with served.started(*DRILL, *SLOW, "--group", "Alla") as running:
        said = running.wait_for("of 3 ended")
        run_id = said.partition(", run ")[2].split()[0]
        assert running.end(signal.SIGINT) == 130
        assert "The run goes on" in running.errors
        assert f"gdial run stop {run_id}" in running.errors
    assert served.run_json("run", "show", run_id)["state"] == "running"
    stopped = served.run("run", "stop", run_id[:8], "--hang-up")
    assert stopped.returncode == 0
    assert " is stopped: " in stopped.stdout
    followed = served.run("run", "show", run_id, "--follow")
    assert followed.returncode == 0
    assert "the ledger balances" in followed.stdout


def test_following_goes_on_when_gdial_is_started_anew(place: Place, phones: str) -> None:
    place.set(api_port=free_port(), drill_api_base=phones)
    (place.folder / "people.csv").write_text("Namn;Mobil;Grupp\nAda Brand;070-1740680;Alla\n", "utf-8")
    words = (*DRILL, "--group", "Alla", "--at", "2099-01-01T04:00", "--follow")
    with place.started("serve", "--json") as serving:
        serving.first_json()
        assert place.run("import", "people.csv").returncode == 0
        with place.started(*words, errors="follow.txt") as following:
            following.wait_for("scheduled: 0 of 1 ended")
            serving.process.kill()
            wait_until(lambda: "Still trying; the run is kept" in following.errors, "nobody saw that it was away")
            with place.started("serve", "--json", errors="again.txt") as again:
                again.first_json()
                assert place.run("run", "stop", "last").returncode == 0
                assert "the ledger balances" in following.wait_for("recipients 1")
                assert following.process.wait(PATIENCE_SECONDS) == 0


def test_a_run_is_paused_and_goes_on(served: Place) -> None:
    run_id = served.run_json(*DRILL, *SLOW, "--contact", "Lars Åberg")["id"]
    assert served.run_json("run", "pause", run_id)["state"] == "paused"
    shown = served.run("run", "show", run_id)
    assert "paused by the operator" in shown.stderr
    assert f"gdial run resume {run_id}" in shown.stderr
    assert served.run_json("run", "resume", run_id)["state"] == "running"
    assert served.run_json("run", "stop", run_id, "--hang-up")["state"] == "stopped"
    wait_until(lambda: served.run_json("run", "show", run_id)["ended_at"], "the run does not end")
    assert_told_plainly(served.run("run", "resume", run_id), 1, "stopped")


def test_a_saved_message_is_found_by_its_name(served: Place) -> None:
    assert_told_plainly(
        served.run("run", "start", "--drill", "--group", "Alla", "--message", "Natt"), 2, "there is no message"
    )


def test_what_is_typed_reaches_the_run(served: Place) -> None:
    run = served.run_json(
        *DRILL, "--group", "Alla", "--exclude-group", "Ledning", "--first", "1", "--priority", "9", "--rounds", "2",
        "--ring-timeout", "30", "--wait-between-rounds", "7", "--deadline", "9", "--reached-when", "answered",
        "--at", "2099-01-01T04:00", "--language", "sv",
    )  # fmt: skip
    assert (run["state"], run["recipients"]) == ("scheduled", 1)
    shown = served.run_json("run", "show", run["id"])
    assert shown["priority"] == 9
    assert shown["mode"] == "drill"
    assert shown["scheduled_at"].startswith("2099-01-01T03:00:00")
    assert shown["responses"]["1"] == {"label": "Kommer", "reply": "Tack."}
    assert shown["policy"] == {
        "ring_timeout_seconds": 30,
        "rounds": 2,
        "wait_between_numbers_seconds": 5,
        "wait_between_rounds_seconds": 7,
        "reached_when": "answered",
        "deadline_minutes": 9,
    }
    assert "starts 2099-01-01" in served.run("run", "show", run["id"]).stdout
    assert served.run("run", "stop", run["id"]).returncode == 0


def test_as_json_a_run_is_followed_without_a_word_on_the_way(served: Place) -> None:
    ended = served.run_json(*DRILL, *QUICK, "--contact", "Karin Öst", "--follow")
    assert (ended["state"], ended["answers"]) == ("done", {"1": 1})


def test_a_report_is_saved_and_none_is_written_over(served: Place) -> None:
    run_id = served.run_json(*DRILL, *QUICK, "--contact", "Elsa Ek", "--follow")["id"]
    done = served.run("run", "report", "last", "--out", "rapport å.csv")
    assert done.returncode == 0, done.stderr
    with (served.folder / "rapport å.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["name"], row["outcome"], row["answer_label"]) == ("Elsa Ek", "reached", "Kan inte")
    assert_told_plainly(served.run("run", "report", run_id, "--out", "rapport å.csv"), 2, "--out: ", "--force")
    assert served.run("run", "report", run_id, "--out", "rapport å.csv", "--force").returncode == 0
    assert_told_plainly(served.run("run", "report", run_id, "--out", "no/where.csv"), 2, "there is no folder no")
    assert served.run("run", "report", run_id, "--out", "rapport.xlsx").returncode == 0
    assert (served.folder / "rapport.xlsx").read_bytes().startswith(b"PK"), "a workbook"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--group", "Natt", "--text", "Hej"), "there is no group 'Natt'; there are: Alla (3), "),
        (("--contact", "Nobody At All", "--text", "Hej"), "there is no contact 'Nobody At All'"),
        (("--text", "Hej"), "--group, --contact or --list: say whom to ring"),
        (("--group", "Alla"), "--message or --text: say what to tell them"),
        (("--group", "Alla", "--text", "Hej", "--message", "Natt"), "give one of them, not both"),
        (("--group", "Alla", "--message", "Natt", "--key", "1=Ja"), "--key: goes with --text"),
        (("--group", "Alla", "--text", "Hej", "--key", "Ja"), "--key: 'Ja' is not a key and its meaning"),
        (("--group", "Alla", "--text", "Hej {shoe_size}", "--key", "1=Ja"), "text: there is no field {shoe_size}"),
        (("--group", "Alla", "--text", "Hej", "--key", "1=Ja", "--rounds", "0"), "policy.rounds: "),
        (("--group", "Alla", "--text", "Hej", "--key", "1=Ja", "--at", "soon"), "--at: 'soon' is not a time"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(served: Place, words: tuple[str, ...], told: str) -> None:
    assert_told_plainly(served.run("run", "start", "--drill", *words), 2, told)


def test_without_a_carrier_a_real_run_is_refused(served: Place) -> None:
    done = served.run("run", "start", "--real", "--group", "Alla", *TEXT)
    assert_told_plainly(done, 1, "no carrier is set up", "TWILIO_ACCOUNT_SID")


def test_a_run_that_is_not_there_is_told(served: Place) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert_told_plainly(served.run("run", "show", unknown), 1, f"there is no run with id {unknown}")
    assert_told_plainly(served.run("run", "show", "ffffffff"), 2, "there is no run 'ffffffff'")


def test_lists_name_what_there_is(served: Place) -> None:
    groups = served.run("group", "list").stdout
    assert [line.split()[:2] for line in groups.splitlines() if line.startswith("Ledning")] == [["Ledning", "1"]]
    members = served.run("contact", "list", "--group", "ledning").stdout
    assert "Elsa Ek" in members
    assert "+46701740691" in members
    assert "Karin Öst" not in members
    assert "Language" in served.run("message", "list").stdout
    assert "Id" in served.run("run", "list", "--limit", "1").stdout


def test_a_forecast_tells_what_a_run_would_take_and_rings_nobody(served: Place) -> None:
    (served.folder / "list.txt").write_text("Bo Berg, 070-1740690\nnobody\n", "utf-8")
    words = ("--contact", "Lars Åberg", "--list", "list.txt", "--text", "Hej", "--reached-when", "answered")
    before = served.run_json("run", "list")
    told = served.run("run", "forecast", *words, "--preset", "alarm")
    assert told.returncode == 0, told.stderr
    assert "2 people, 2 numbers to ring" in told.stdout
    assert "at most 10" in told.stdout
    assert "Line 2: there is no phone number in the line" in told.stderr
    assert served.run_json("run", "list") == before


def test_a_list_of_names_is_rung_as_the_preset_says(served: Place) -> None:
    (served.folder / "good.txt").write_text("Bo Berg, 070-1740690\nMia Ek 070-1740691\n", "utf-8")
    words = ("--list", "good.txt", "--text", "Hej", "--reached-when", "answered", "--preset", "drill")
    started = served.run_json("run", "start", *words)
    assert started["recipients"] == 2
    shown = served.run_json("run", "show", started["id"])
    assert (shown["mode"], shown["policy"]["rounds"]) == ("drill", 5)
    served.run("run", "stop", started["id"], "--hang-up")
