"""Contact lists through the REST interface."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import aiohttp
import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage import contact_changes
from gdial.storage.contacts import Contact
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import Api, served

LIST = """Namn;Mobil;Hem;Grupp;Språk
Karin Öst;070-123 45 67;031-765 43 21;Natt, Alla;sv
Bo Ek;070-765 43 21;;natt;en
"""
NOTHING_WRONG = {"errors": [], "errors_left_out": 0}


def csv(content: str = LIST) -> bytes:
    return content.encode()


async def people(api: Api) -> list[Any]:
    listed: list[Any] = (await api.get("/api/contacts?limit=500")).json["items"]
    return listed


async def test_a_list_becomes_contacts_and_groups(api: Api) -> None:
    answer = await api.import_file(csv())

    assert answer.status == 200
    assert (answer.json["created"], answer.json["updated"], answer.json["unchanged"]) == (2, 0, 0)
    assert NOTHING_WRONG.items() <= answer.json.items()
    assert [(person["name"], person["language"]) for person in await people(api)] == [
        ("Bo Ek", "en"),
        ("Karin Öst", "sv"),
    ]
    karin = (await people(api))[1]
    assert [(n["number"], n["label"], n["priority"]) for n in karin["phone_numbers"]] == [
        ("+46701234567", "mobile", 1),
        ("+46317654321", "home", 2),
    ]
    groups = (await api.get("/api/groups")).json["items"]
    assert [(group["name"], group["size"]) for group in groups] == [("Alla", 1), ("Natt", 2)]


async def test_the_same_list_again_changes_nothing(api: Api, clock: TurnedClock) -> None:
    await api.import_file(csv())
    before = await people(api)
    clock.turn(days=1)

    again = await api.import_file(csv())

    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == (0, 0, 2)
    assert await people(api) == before


async def test_a_changed_list_changes_what_differs(api: Api, clock: TurnedClock) -> None:
    await api.import_file(csv())
    _, karin = await people(api)
    clock.turn(days=1)

    changed = await api.import_file(
        csv("Namn;Mobil;Arbete;Grupp\nKARIN ÖST;070-123 45 67;031-111 22 33;Dag\nBo Ek;070-765 43 21;;\n")
    )

    assert (changed.json["created"], changed.json["updated"], changed.json["unchanged"]) == (0, 1, 1)
    _, after = await people(api)
    assert (after["id"], after["name"], after["language"]) == (karin["id"], "KARIN ÖST", "sv")
    assert after["phone_numbers"][0] == karin["phone_numbers"][0]
    assert [number["number"] for number in after["phone_numbers"]] == ["+46701234567", "+46311112233"]
    assert [group["name"] for group in after["groups"]] == ["Alla", "Dag", "Natt"]
    assert after["updated_at"] > karin["updated_at"]


async def test_an_external_id_outlives_name_and_number(api: Api) -> None:
    await api.import_file(csv("id;name;phone\n17;Karin Öst;070-123 45 67\n18;Karin Öst;070-123 45 67\n"))

    moved = await api.import_file(csv("id;name;phone\n17;Karin Väst;070-999 88 77\n18;Karin Öst;070-123 45 67\n"))

    assert (moved.json["created"], moved.json["updated"], moved.json["unchanged"]) == (0, 1, 1)
    assert [(p["external_id"], p["name"]) for p in await people(api)] == [("17", "Karin Väst"), ("18", "Karin Öst")]


async def test_a_person_without_an_id_is_given_the_lists_one(api: Api) -> None:
    await api.import_file(csv("name;phone\nKarin Öst;070-123 45 67\n"))

    with_id = await api.import_file(csv("id;name;phone\n17;karin öst;+46701234567\n18;karin öst;+46701234567\n"))
    again = await api.import_file(csv("id;name;phone\n17;karin öst;+46701234567\n18;karin öst;+46701234567\n"))

    assert (with_id.json["created"], with_id.json["updated"], with_id.json["unchanged"]) == (1, 1, 0)
    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == (0, 0, 2)


async def test_a_name_that_moved_on_does_not_take_another_person_along(api: Api) -> None:
    """17 was Karin; now 17 is Bo, and another Karin on the same phone has no id."""
    await api.import_file(csv("id;name;phone\n17;Karin Öst;070-123 45 67\n"))
    new_list = csv("id;name;phone\n;Karin Öst;070-123 45 67\n17;Bo Öst;070-123 45 67\n")

    first = await api.import_file(new_list)
    again = await api.import_file(new_list)

    assert (first.json["created"], first.json["updated"]) == (1, 1)
    assert again.json["unchanged"] == 2
    assert [(p["external_id"], p["name"]) for p in await people(api)] == [("17", "Bo Öst"), (None, "Karin Öst")]


async def test_rows_that_cannot_be_used_are_told_and_the_others_taken_in(api: Api) -> None:
    answer = await api.import_file(csv("Namn;Mobil\nKarin;070-123 45 67\n;070-123 45 68\nBo;112\n"))

    assert answer.status == 200
    assert answer.json["created"] == 1
    assert [(error["line"], error["column"], error["value"]) for error in answer.json["errors"]] == [
        (3, "Namn", ""),
        (4, "Mobil", "112"),
    ]
    assert "emergency" in answer.json["errors"][1]["reason"]
    assert [person["name"] for person in await people(api)] == ["Karin"]


async def test_a_dry_run_tells_and_stores_nothing(api: Api) -> None:
    await api.import_file(csv("Namn;Mobil\nBo Ek;070-765 43 21\n"))

    dry = await api.import_file(csv(), "?dry_run=true")

    assert (dry.json["created"], dry.json["updated"], dry.json["unchanged"]) == (1, 1, 0)
    assert any("Natt" in note for note in dry.json["notes"])
    assert [person["name"] for person in await people(api)] == ["Bo Ek"]
    assert (await api.get("/api/groups")).json["total"] == 0
    real = await api.import_file(csv())
    assert {**real.json, "status": "dry run"} == dry.json


async def test_a_workbook_is_read_as_well(api: Api) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (("Name", "Phone"), ("Karin Öst", "070-123 45 67")):
        sheet.append(row)
    content = BytesIO()
    workbook.save(content)

    answer = await api.import_file(content.getvalue(), name="people.xlsx")

    assert (answer.status, answer.json["created"]) == (200, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 hello", ""),
        (b"PK\x03\x04 broken", ""),
        (b"Colour;Size\nred;7\n", "no heading that is known"),
        (b"Namn;Mobil\n", "no row"),
        (b"\x00\xff\xfe\x00" * 100, ""),
    ],
)
async def test_a_file_that_is_no_list_is_refused_with_the_reason(quick_api: Api, content: bytes, told: str) -> None:
    answer = await quick_api.import_file(content)

    assert answer.status == 422
    assert told in answer.json["detail"]
    assert answer.json["errors"][0]["reason"]


async def test_a_form_without_a_file_is_told_so(quick_api: Api) -> None:
    nothing = await quick_api.ask("POST", "/api/contacts/import", data={"dry_run": "true"})
    as_text = await quick_api.ask("POST", "/api/contacts/import", data={"file": "Namn;Mobil"})
    as_json = await quick_api.post("/api/contacts/import", {"file": "x"})

    assert [(answer.status, answer.json["errors"][0]["field"]) for answer in (nothing, as_text, as_json)] == [
        (422, "file")
    ] * 3


async def test_a_slip_in_the_address_imports_nothing(quick_api: Api) -> None:
    slip = await quick_api.import_file(csv(), "?dryrun=true")

    assert (slip.status, slip.json["errors"][0]["field"]) == (422, "dryrun")
    assert "dry_run" in slip.json["detail"]
    assert await people(quick_api) == []


async def test_two_files_at_once_are_refused(quick_api: Api) -> None:
    form = aiohttp.FormData()
    for name in ("one.csv", "two.csv"):
        form.add_field("file", csv(), filename=name)

    answer = await quick_api.ask("POST", "/api/contacts/import", data=form)

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "file")
    assert await people(quick_api) == []


async def test_all_of_a_list_is_taken_in_or_nothing(postgres_url: str, make_settings: Callable[..., Settings]) -> None:
    """Somebody else takes an external id of the list's last row while the list goes in."""
    rows = "\n".join(f"{n};Person {n};070{n:07}" for n in range(1_000_000, 1_000_600))
    async with opened_runtime(make_settings(database_url=postgres_url)) as rt, served(rt) as api:
        async with rt.database.transaction() as tx:
            now = rt.clock()
            other = Contact(uuid4(), "1000599", "Other", None, "", (), (), now, now)
            await contact_changes.insert(tx, [other])
            importing = asyncio.create_task(api.import_file(csv("id;name;phone\n" + rows)))
            await somebody_waits(rt)
        answer = await importing

        assert answer.status == 409
        assert [person["name"] for person in await people(api)] == ["Other"]


async def somebody_waits(rt: Runtime) -> None:
    """Returns when a transaction waits for another one's end."""
    async with asyncio.timeout(60):
        while True:
            async with rt.database.reading() as tx:
                if (await tx.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one():
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_ten_thousand_rows_go_in_and_change_nothing_the_second_time(api: Api) -> None:
    rows = (f"{n};Person {n};070{n:07};031{n:07};Avdelning {n % 20}" for n in range(1_000_000, 1_010_000))
    content = csv("Id;Namn;Mobil;Hem;Grupp\n" + "\n".join(rows))

    began_at = time.process_time()
    first = await api.import_file(content)
    again = await api.import_file(content)

    assert first.json["created"] == 10_000, first.json["errors"][:3]
    assert again.json["unchanged"] == 10_000
    assert (await api.get("/api/contacts?limit=1")).json["total"] == 10_000
    assert time.process_time() - began_at < 30


async def test_lists_that_go_in_at_once_make_nobody_twice(api: Api) -> None:
    answers = await asyncio.gather(*(api.import_file(csv()) for _ in range(4)))

    assert sorted(answer.json["created"] for answer in answers) == [0, 0, 0, 2]
    assert [person["name"] for person in await people(api)] == ["Bo Ek", "Karin Öst"]
    assert [group["name"] for group in (await api.get("/api/groups")).json["items"]] == ["Alla", "Natt"]
