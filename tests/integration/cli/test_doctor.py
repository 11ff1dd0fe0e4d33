"""`gdial doctor`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from tests.integration.cli.commands import Place, assert_told_plainly
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN, CarrierStub, carrier_stub, plain_server
from tests.support.ports import free_port

NUMBER = "+46101234567"


def looked_at(place: Place, exit_code: int) -> dict[str, Any]:
    done = place.run("doctor", "--json")
    assert done.returncode == exit_code, done.stdout + done.stderr
    return {finding["part"]: finding for finding in json.loads(done.stdout)}


@contextmanager
def beside(server: Any) -> Iterator[Any]:
    """An asynchronous server in a loop of its own, while commands run."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def ask(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    entered = ask(server.__aenter__())
    try:
        yield entered
    finally:
        ask(server.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_nothing_is_wrong_before_the_first_start(place: Place) -> None:
    found = looked_at(place, 0)
    assert {finding["verdict"] for finding in found.values()} == {"ok", "not set up"}
    assert "sv" in found["voice espeak"]["detail"]
    assert not (place.folder / "gdial-data").exists()


def test_a_gdial_that_serves_is_found(served: Place) -> None:
    found = looked_at(served, 0)
    for part in ("settings", "data folder", "database", "tables", "API token", "gdial serve", "voice espeak"):
        assert found[part]["verdict"] == "ok", found[part]
    assert "GB free" in found["data folder"]["detail"]


def test_another_gdial_at_the_address_is_not_taken_for_this_one(served: Place, place: Place) -> None:
    place.run("db", "upgrade")
    with place.started("serve", "--no-simulator", errors="first.txt") as running:
        running.wait_for("GDial serves")
        running.end()
    place.set(api_port=served.environment["API_PORT"])
    found = looked_at(place, 1)
    assert "another GDial" in found["gdial serve"]["detail"]


def test_something_else_at_the_address_is_told(place: Place) -> None:
    with beside(plain_server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")) as port:
        place.set(api_port=port)
        found = looked_at(place, 1)
    assert "something else than GDial" in found["gdial serve"]["detail"]


def test_every_bad_setting_is_told_with_a_right_one(place: Place) -> None:
    place.set(call_timeout_sec="soon", api_port=99999)
    found = looked_at(place, 1)
    assert found.keys() == {"setting CALL_TIMEOUT_SEC", "setting API_PORT"}
    assert "25" in found["setting CALL_TIMEOUT_SEC"]["mend"]


def test_a_database_that_is_behind_or_away_is_told(place: Place) -> None:
    place.set(database_url=f"postgresql://gdial:hemligt@127.0.0.1:{free_port()}/gdial")
    done = place.run("doctor")
    assert done.returncode == 1
    assert "BAD database: the database does not answer" in done.stdout
    assert "hemligt" not in done.stdout + done.stderr


def test_a_token_that_others_can_read_is_a_fault(place: Place) -> None:
    (place.folder / "gdial-data").mkdir()
    token = place.folder / "gdial-data/api-token"
    token.write_text("a-token-that-everybody-can-read", "ascii")
    os.chmod(token, 0o644)
    found = looked_at(place, 1)
    assert found["API token"]["mend"] == "type: chmod 600 gdial-data/api-token"


@pytest.fixture
def carrier() -> Iterator[CarrierStub]:
    with beside(carrier_stub()) as stub:
        yield stub


def with_carrier(place: Place, stub: CarrierStub, **more: object) -> None:
    settings = {
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_from_number": NUMBER,
        "twilio_api_base": stub.base,
    }
    place.set(**settings | more)


def test_a_carrier_that_is_set_up_rightly(place: Place, carrier: CarrierStub) -> None:
    carrier.numbers = [{"phone_number": NUMBER, "capabilities": {"voice": True}}]
    with_carrier(place, carrier)
    found = looked_at(place, 0)
    assert "Räddningstjänsten" in found["carrier"]["detail"]
    assert found["caller id"]["verdict"] == "ok"
    assert found["clock"]["verdict"] == "ok"


def test_a_number_that_is_not_the_accounts(place: Place, carrier: CarrierStub) -> None:
    carrier.numbers = [{"phone_number": "+46109999999", "capabilities": {"voice": True}}]
    with_carrier(place, carrier)
    found = looked_at(place, 1)
    assert NUMBER in found["caller id"]["detail"]
    assert "+46109999999" in found["caller id"]["detail"]


def test_wrong_credentials(place: Place, carrier: CarrierStub) -> None:
    with_carrier(place, carrier, twilio_auth_token="not-the-token")
    found = looked_at(place, 1)
    assert found["carrier"]["verdict"] == "fault"
    assert "not-the-token" not in json.dumps(found)


def test_a_test_call_is_told_step_by_step(served: Place) -> None:
    done = served.run("doctor", "--call", "+46701740601", "--drill")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = ["will ring at once", "is created", "fetched the script", "key 1 pressed", "it works"]
    places = [done.stdout.index(step) for step in steps]
    assert places == sorted(places)
    assert "GDial test call" not in served.run("contact", "list").stdout


def test_a_test_call_that_nobody_takes(served: Place) -> None:
    done = served.run("doctor", "--call", "+46701740690", "--drill")
    assert done.returncode == 1
    assert "nobody answered" in done.stdout
    assert "no key came back" in done.stdout


def test_a_real_call_is_not_made_unasked(served: Place) -> None:
    assert_told_plainly(served.run("doctor", "--call", "+46701740601"), 1, "--yes")
    assert_told_plainly(served.run("doctor", "--call", "+46701740601", "--yes"), 1, "no carrier is set up")
    assert "GDial test call" not in served.run("contact", "list").stdout


def seen_from_outside(served: Place, url: str) -> Place:
    """The same installation, which believes that this is its public address."""
    place = Place(served.folder)
    place.environment = served.environment | {"PUBLIC_URL": url}
    return place


def test_a_public_address_must_lead_here(served: Place) -> None:
    port = served.environment["API_PORT"]
    found = looked_at(seen_from_outside(served, f"http://127.0.0.1:{port}"), 0)
    assert found["public address"]["verdict"] == "ok"
    closed = looked_at(seen_from_outside(served, f"http://127.0.0.1:{free_port()}"), 1)
    assert "cannot be reached" in closed["public address"]["detail"]
    unknown = looked_at(seen_from_outside(served, "https://no-such-host.invalid"), 1)
    assert "is not known" in unknown["public address"]["detail"]
    with beside(plain_server(b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n")) as other:
        found = looked_at(seen_from_outside(served, f"http://127.0.0.1:{other}"), 1)
    assert "something else than GDial" in found["public address"]["detail"]
    assert "PUBLIC_URL" in found["public address"]["mend"]
