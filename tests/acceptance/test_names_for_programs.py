"""Every name that other programs may import from `gdial`, called as they call it, beside a GDial that runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pika
import pytest

import gdial
from gdial.errors import Conflict, InvalidInput, NotFound, SetupError
from gdial.messages.model import MessageContent
from gdial.simulator.people.behaviours import Press
from gdial.storage import messages, runs
from gdial.storage.database import Database
from gdial.storage.messages import Message
from gdial.storage.runs import Run
from tests.support.organisation import RESPONSES, TEXT, Organisation, running_organisation
from tests.support.ports import free_port
from tests.support.runtime import FIRST_MOMENT
from tests.support.services import PrivatePostgres
from tests.support.stored_runs import store_contact

ANNA, BO, EVA = "+46701740605", "+46701740606", "+46701740607"
ANSWERED = {"reached_when": "answered"}
PEOPLE = {"Anna Ek": [ANNA], "Bo Dahl": [BO], "Eva Öst": [EVA]}


@pytest.fixture
async def organisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_settings: dict[str, Any]
) -> AsyncIterator[Organisation]:
    """The names find it by the environment, as in any other process."""
    async with running_organisation(tmp_path / "data", **database_settings) as opened:
        settings = opened.runtime.settings
        for name in ("data_dir", "database_url", "audio_dir", "api_port", "rabbitmq_url", "rabbitmq_queue_type"):
            if getattr(settings, name) is not None:
                monkeypatch.setenv(name.upper(), str(getattr(settings, name)))
        for number in (ANNA, BO, EVA):
            opened.simulator.phones.script(number, Press(keys={"1": 1.0}))
        yield opened


async def people_of(organisation: Organisation) -> tuple[dict[str, str], str]:
    """Ids by name, and that of the group they are all in."""
    group_id = await organisation.import_people(PEOPLE)
    people = await organisation.call_api("GET", "/api/contacts")
    return {person["name"]: person["id"] for person in people["items"]}, group_id


async def message_of(organisation: Organisation, **parts: Any) -> str:
    given = {"name": "Brand", "text": TEXT, "language": "sv", "responses": RESPONSES} | parts
    made = await organisation.call_api("POST", "/api/messages", 201, json=given)
    return str(made["id"])


async def fetch(organisation: Organisation, url: str) -> bytes:
    async with organisation.session.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "audio/wav")
        return await answer.read()


async def test_dial_contacts_rings_the_people_named_and_no_others(organisation: Organisation) -> None:
    ids, group_id = await people_of(organisation)
    message_id = await message_of(organisation)

    run_id = await gdial.dial_contacts([ids["Anna Ek"]], message_id=message_id, call_run_name="Brand i arkivet")
    run = await organisation.wait_until(str(run_id), "done")
    assert isinstance(run_id, UUID)
    assert (run["name"], run["answers"], run["message_id"]) == ("Brand i arkivet", {"1": 1}, message_id)
    assert organisation.rung() == {ANNA: 1}

    wanted = uuid4()
    again = await gdial.dial_contacts(group_id=UUID(group_id), message_id=UUID(message_id), call_run_id=wanted)
    assert again == wanted
    assert (await organisation.wait_until(str(wanted), "done"))["counts"]["reached"] == 3
    assert organisation.rung() == {ANNA: 2, BO: 1, EVA: 1}


async def test_dial_contacts_adds_people_to_a_run_that_is_there(organisation: Organisation) -> None:
    ids, _ = await people_of(organisation)
    message_id = await message_of(organisation)
    later = {
        "name": "Sen",
        "contact_ids": [ids["Anna Ek"]],
        "message_id": message_id,
        "scheduled_at": "2099-01-01T00:00Z",
    }
    run_id = (await organisation.call_api("POST", "/api/runs", 202, json=later))["id"]

    both = [ids["Bo Dahl"], ids["Anna Ek"]]
    assert await gdial.dial_contacts(both, call_run_id=run_id) == UUID(run_id)
    assert await gdial.dial_contacts(call_run_id=run_id) == UUID(run_id)
    assert set(await organisation.recipients(run_id)) == {"Anna Ek", "Bo Dahl"}

    await organisation.call_api("POST", f"/api/runs/{run_id}/stop")
    with pytest.raises(Conflict, match="over"):
        await gdial.dial_contacts([ids["Eva Öst"]], call_run_id=run_id)


async def test_dial_contacts_never_rings_everybody(organisation: Organisation) -> None:
    await people_of(organisation)
    message_id = await message_of(organisation)
    empty = await organisation.call_api("POST", "/api/groups", 201, json={"name": "Tom"})
    nothings: tuple[list[str] | None, ...] = (None, [])
    for nobody in nothings:
        with pytest.raises(InvalidInput, match="nobody to ring"):
            await gdial.dial_contacts(nobody, message_id=message_id)
    assert await gdial.dial_contacts(group_id=empty["id"], message_id=message_id) is None
    with pytest.raises(NotFound):
        await gdial.dial_contacts([uuid4()], message_id=message_id)
    with pytest.raises(InvalidInput, match=r"contacts\.0"):
        await gdial.dial_contacts(["Anna"], message_id=message_id)
    assert (await organisation.call_api("GET", "/api/runs"))["total"] == 0


async def test_a_text_becomes_audio_that_the_web_process_serves(organisation: Organisation) -> None:
    audio = await gdial.text_to_audio("Det brinner i centralarkivet.")
    english = await gdial.text_to_audio("The archive is on fire.", "en", speed=1.2)
    assert audio.seconds > 1
    assert await fetch(organisation, gdial.get_audio_url(audio)) == audio.path.read_bytes()
    assert gdial.get_audio_url(english.name) == gdial.get_audio_url(english) != gdial.get_audio_url(audio)
    with pytest.raises(InvalidInput, match="no name"):
        gdial.get_audio_url("../gdial.db")


async def test_a_message_is_spoken_and_written_as_a_script(organisation: Organisation) -> None:
    ids, group_id = await people_of(organisation)
    message_id = await message_of(organisation)

    fixed = await gdial.generate_message_audio(message_id)
    whole = await gdial.generate_message_audio(message_id, contact_id=ids["Anna Ek"])
    assert set(fixed) < set(whole)
    document = await gdial.build_twiml(message_id, contact_id=ids["Anna Ek"], key_url="https://example.org/key?a=1&b=2")

    response = ElementTree.fromstring(document)  # noqa: S314 - our own
    gather = response.find("Gather")
    assert gather is not None
    assert gather.get("action") == "https://example.org/key?a=1&b=2"
    assert [play.text for play in gather.iter("Play")] == [gdial.get_audio_url(audio) for audio in whole]
    for play in gather.iter("Play"):
        assert len(await fetch(organisation, str(play.text))) > 1000
    with pytest.raises(InvalidInput, match="key_url"):
        await gdial.build_twiml(message_id)

    run = await organisation.start_run(group_id, text="Skolan är stängd.", responses={}, policy=ANSWERED)
    kept = (await organisation.show(run["id"]))["custom_message_log_id"]
    announcement = ElementTree.fromstring(await gdial.build_custom_twiml(kept))  # noqa: S314 - our own
    assert [step.tag for step in announcement][-1] == "Hangup"
    assert len(await gdial.generate_message_audio(custom_message_id=kept)) == 1


async def test_settings_are_read_as_they_are_now(organisation: Organisation) -> None:
    await organisation.call_api("PUT", "/api/settings/rounds", json={"value": 7})
    assert await asyncio.to_thread(gdial.get_system_setting, "rounds") == 7
    assert gdial.get_settings().data_dir == organisation.runtime.settings.data_dir


async def test_a_program_that_looks_in_the_wrong_place_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(SetupError, match="there is no database"):
        await gdial.dial_contacts([uuid4()], message_id=uuid4())
    with pytest.raises(SetupError, match="there is no database"):
        await gdial.text_to_audio("Hej")
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240


def test_every_name_is_listed_and_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/compatibility.md").read_text("utf-8")
    assert [name for name in gdial.__all__ if not name.startswith("_") and f"gdial.{name}(" not in page] == []
    assert all(callable(getattr(gdial, name)) for name in gdial.__all__ if not name.startswith("_"))


@pytest.fixture
def distributed_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: PrivatePostgres, postgres_template: str
) -> Iterator[str]:
    """The URL of the database that the environment names, as on a server where nothing else of GDial runs."""
    url = postgres_server.create_database(postgres_template)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    yield url
    postgres_server.drop_database(url)


async def stored_run(database: Database, run_id: UUID | None) -> Run:
    assert run_id is not None
    async with database.reading() as tx:
        return await runs.get(tx, run_id)


async def test_a_program_tells_the_workers_of_its_run_over_the_broker(
    distributed_settings: str, monkeypatch: pytest.MonkeyPatch, rabbitmq_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("RABBITMQ_URL", rabbitmq_url)
    database = Database(distributed_settings)
    anna, message_id = await store_contact(database, "Anna Ek", ANNA), uuid4()
    content = MessageContent("Skolan är stängd.", "sv")
    async with database.transaction() as tx:
        await messages.insert(tx, Message(message_id, "Stängt", content, FIRST_MOMENT, FIRST_MOMENT))

    run_id = await gdial.dial_contacts([anna], message_id=message_id)
    job = {"contact_id": str(anna), "custom_message_content": "Ring skolan.", "job_id": str(uuid4())}
    assert await asyncio.to_thread(gdial.publish_message, "gdial.call.single", job)

    assert (await stored_run(database, run_id)).state == "running"
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        channel = connection.channel()
        bodies = {name: channel.basic_get(name, auto_ack=True)[2] for name in ("gdial.call.batch", "gdial.call.single")}
        nothing_more = channel.basic_get("gdial.call.batch")[2]
    batch = json.loads(bodies["gdial.call.batch"] or b"{}")
    assert (batch["call_run_id"], nothing_more) == (str(run_id), None)
    assert json.loads(bodies["gdial.call.single"] or b"{}") == job
    assert not (tmp_path / "data").exists()

    monkeypatch.setenv("RABBITMQ_URL", f"amqp://guest:guest@127.0.0.1:{free_port()}/")
    without_broker = await gdial.dial_contacts([anna], message_id=message_id)
    assert (await stored_run(database, without_broker)).state == "running"
    await database.close()


async def test_what_one_machine_speaks_another_one_serves(
    distributed_settings: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = await gdial.text_to_audio("Det brinner i centralarkivet.", "sv")
    async with running_organisation(tmp_path / "web", database_url=distributed_settings) as organisation:
        monkeypatch.setenv("PUBLIC_URL", organisation.base_url)
        assert await fetch(organisation, gdial.get_audio_url(here)) == here.path.read_bytes()
        assert organisation.runtime.speech.made == 0
