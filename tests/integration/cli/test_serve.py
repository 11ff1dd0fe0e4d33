"""`gdial serve`: how it begins, what it tells, how it ends."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from tests.integration.cli.commands import Place, Running, answers, assert_told_plainly, read_json, wait_until
from tests.support.ports import free_port

LIST = "Namn;Mobil;Grupp\nKarin Öst;070-1740601;Alla\n"
START = ("run", "start", "--drill", "--group", "Alla", "--text", "Hej", "--key", "1=Kommer")


def child_of(running: Running) -> int:
    """The simulated telephone network of a GDial that serves."""
    pid = running.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return next(int(child) for child in children if b"\0sim\0" in Path(f"/proc/{child}/cmdline").read_bytes())


def test_it_starts_without_anything_and_says_what_is_in_force(place: Place) -> None:
    port = free_port()
    place.set(api_port=port, call_timeot_sec=3)
    with place.started("serve") as running:
        said = running.wait_for("/ledger")
        first = said.splitlines()[0]
        assert f"http://127.0.0.1:{port}" in first
        assert "database gdial-data/gdial.db" in first
        assert "carrier not set up" in first
        assert "API token in gdial-data/api-token" in first
        assert "cannot ring real phones" in said
        token = (place.folder / "gdial-data/api-token").read_text("utf-8").strip()
        assert answers(f"http://127.0.0.1:{port}/api/runs") == 401
        assert answers(f"http://127.0.0.1:{port}/api/runs", token) == 200
        assert running.errors.count("did you mean CALL_TIMEOUT_SEC") == 1
        network = re.search(r"http://\S+/ledger", said)
        assert network is not None
        assert answers(network[0]) == 200
        assert running.end(signal.SIGTERM) == 0
        wait_until(lambda: answers(network[0]) == 0, "the telephone network outlived GDial")


def test_a_carrier_that_is_set_up_is_named_without_its_secret(place: Place, phones: str) -> None:
    place.set(
        api_port=0,
        drill_api_base=phones,
        twilio_account_sid="ACsimulated1",
        twilio_auth_token="not-for-anyones-eyes",
        twilio_from_number="+46313900600",
        twilio_api_base=phones,
    )
    with place.started("serve") as running:
        said = running.wait_for("/ledger")
        assert f"carrier Twilio at {phones}, account ACsimulated1, from +46313900600" in said
        assert "cannot ring real phones" not in said
        assert "not-for-anyones-eyes" not in said + running.errors
        assert running.end(signal.SIGINT) == 0


def test_without_a_network_for_drills_it_says_that_no_run_can_be_started(place: Place) -> None:
    place.set(api_port=0)
    with place.started("serve", "--no-simulator") as running:
        assert "no run can be started" in running.wait_for("No telephone network")


def test_killed_it_takes_the_telephone_network_along(place: Place) -> None:
    place.set(api_port=0)
    with place.started("serve", "--json") as running:
        network = str(running.first_json()["drills"])
        assert answers(f"{network}/health/live") == 200
        running.process.kill()
        wait_until(lambda: answers(f"{network}/health/live") == 0, "the telephone network outlived GDial")


def test_a_telephone_network_that_dies_is_started_again_where_it_was(place: Place) -> None:
    port = free_port()
    place.set(api_port=port)
    with place.started("serve", "--json") as running:
        network = str(running.first_json()["drills"])
        os.kill(child_of(running), signal.SIGKILL)
        wait_until(lambda: "died and is started again" in running.errors, "nobody saw that it died")
        wait_until(lambda: answers(f"{network}/health/live") == 200, "it was not started again")
        (place.folder / "people.csv").write_text(LIST, "utf-8")
        place.run("import", "people.csv")
        assert place.run(*START, "--no-follow").returncode == 0
        wait_until(lambda: read_json(f"{network}/ledger")["calls"], "no drill rings there")


def test_drills_come_back_to_this_machine_whatever_the_public_address_is(place: Place, phones: str) -> None:
    place.set(
        api_port=0,
        drill_api_base=phones,
        public_url="https://gdial.example.org",
        twilio_account_sid="AC" + "0a" * 16,
        twilio_auth_token="secret",
        twilio_from_number="+46313900600",
        twilio_api_base="https://127.0.0.1:9",
    )
    (place.folder / "people.csv").write_text(LIST.replace("601", "655"), "utf-8")
    with place.started("serve", "--json") as running:
        place.set(gdial_url=running.first_json()["url"])
        assert place.run("import", "people.csv").returncode == 0
        done = place.run(*START)
    assert done.returncode == 0, done.stderr
    assert "recipients 1 = reached 1 + not reached 0 + stopped 0" in done.stdout
    [call] = [call for call in read_json(f"{phones}/ledger")["calls"] if call["to"] == "+46701740655"]
    assert {callback["status"] for callback in call["callbacks"]} == {204}


def test_a_second_one_on_the_same_file_is_refused(served: Place) -> None:
    second = Place(served.folder)
    second.environment = served.environment | {"API_PORT": "0"}
    assert_told_plainly(second.run("serve"), 1, "another gdial serve (process ", "gdial-data/gdial.db")


def test_a_port_that_is_taken_is_told_with_what_to_set(place: Place, served: Place) -> None:
    place.set(api_port=served.environment["API_PORT"])
    assert_told_plainly(place.run("serve"), 1, f"port {served.environment['API_PORT']} is taken", "API_PORT=")


def test_a_broker_beside_an_sqlite_file_is_told_with_what_to_set(place: Place) -> None:
    place.set(api_port=0, rabbitmq_url="amqp://guest:guest@127.0.0.1/")
    for command in (("serve",), ("worker", "tts")):
        assert_told_plainly(place.run(*command), 1, "RABBITMQ_URL", "DATABASE_URL=postgresql://", "unset RABBITMQ_URL")


def test_a_worker_without_a_broker_is_told_what_to_set(place: Place) -> None:
    for kind in ("call", "tts", "scheduler"):
        assert_told_plainly(place.run("worker", kind), 1, "RABBITMQ_URL=amqp://", "gdial serve")


def test_a_database_folder_that_cannot_be_made_is_told(place: Place) -> None:
    (place.folder / "gdial-data").write_text("in the way")
    assert_told_plainly(place.run("serve"), 1, "gdial-data")


def test_a_second_signal_ends_it_at_once(place: Place, phones: str) -> None:
    place.set(api_port=0, drill_api_base=phones, calls_per_second=0.05, max_concurrent_calls=20, shutdown_grace_sec=300)
    rows = "".join(f"Person {number};0701740{number};Alla\n" for number in range(610, 620))
    (place.folder / "people.csv").write_text("Namn;Mobil;Grupp\n" + rows, "utf-8")
    with place.started("serve", "--json") as running:
        place.set(gdial_url=running.first_json()["url"])
        assert place.run("import", "people.csv").returncode == 0
        assert place.run(*START, "--no-follow").returncode == 0
        wait_until(lambda: place.run_json("run", "show", "last")["counts"]["reached"], "nobody is rung")
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Once more to end at once" in running.errors, "the first signal was not heard")
        assert running.process.poll() is None
        assert running.end(signal.SIGINT) == 130
