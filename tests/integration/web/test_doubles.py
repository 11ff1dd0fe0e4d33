"""People who are in twice: found, and made one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from gdial.dialing.states import AttemptState, Outcome
from gdial.runtime import Runtime
from tests.support.runtime import TurnedClock
from tests.support.stored_runs import claim, ended, make_attempt, make_person, store_run
from tests.support.web import Api

MOBILE, HOME, WORK = "+46701740605", "+46313900600", "+46850047000"


async def add(api: Api, name: str, *numbers: str, **fields: Any) -> Any:
    return await api.make(
        "/api/contacts", {"name": name, "phone_numbers": [{"number": it} for it in numbers], **fields}
    )


async def merge(api: Api, keep: Any, *others: Any, **more: Any) -> Any:
    return await api.post(
        "/api/contacts/merge", {"keep_id": keep["id"], "merge_ids": [it["id"] for it in others], **more}
    )


async def doubles(api: Api) -> list[tuple[str, str, list[str]]]:
    found = (await api.get("/api/contacts/doubles")).json
    assert found["total"] == len(found["items"])
    return [(it["reason"], it["shared"], [person["name"] for person in it["contacts"]]) for it in found["items"]]


def numbers_of(contact: Any) -> list[tuple[str, int]]:
    return [(it["number"], it["priority"]) for it in contact["phone_numbers"]]


async def test_who_may_be_in_twice_is_told_with_the_reason(api: Api, clock: TurnedClock) -> None:
    """The one who was there first is told first."""
    one_after_another: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
        ("Karin Öst", (MOBILE,), {"external_id": "A-017"}),
        ("Bo Ek", (MOBILE,), {}),
        ("Eva Lind", (HOME, WORK), {}),
        ("eva LIND", ("+46701740606", WORK), {}),
        ("Ola By", ("+46701740607",), {"external_id": "a 017"}),
        ("Somebody Else", ("+46701740608",), {"external_id": "18"}),
    ]
    for name, numbers, fields in one_after_another:
        await add(api, name, *numbers, **fields)
        clock.turn(seconds=1)

    assert await doubles(api) == [
        ("same first number", MOBILE, ["Karin Öst", "Bo Ek"]),
        ("same name and a common number", WORK, ["Eva Lind", "eva LIND"]),
        ("similar external id", "a017", ["Karin Öst", "Ola By"]),
    ]


async def test_the_same_name_and_first_number_is_one_suspicion_not_two(api: Api) -> None:
    await add(api, "Karin Öst", MOBILE, HOME)
    await add(api, "Karin Öst", MOBILE)

    assert await doubles(api) == [("same first number", MOBILE, ["Karin Öst", "Karin Öst"])]


async def test_doubles_come_in_pages(api: Api) -> None:
    for place in range(3):
        for name in ("Karin", "Bo"):
            await add(api, name, f"+4670174060{place}")

    pages = [(await api.get(f"/api/contacts/doubles?limit=2&offset={offset}")).json for offset in (0, 2, 4)]

    assert [page["total"] for page in pages] == [3, 3, 3]
    shared = [it["shared"] for page in pages for it in page["items"]]
    assert shared == ["+46701740600", "+46701740601", "+46701740602"]


async def test_one_contact_has_what_all_had(api: Api) -> None:
    night, day = [await api.make("/api/groups", {"name": name}) for name in ("Natt", "Dag")]
    keep = await add(api, "Karin Öst", HOME, notes="ring hem", group_ids=[night["id"]])
    other = await add(api, "Karin Ost", MOBILE, HOME, WORK, notes="ring mobilen", language="sv", external_id="17",
                      group_ids=[day["id"], night["id"]])  # fmt: skip

    answer = await merge(api, keep, other)

    assert answer.status == 200, answer.text
    one = (await api.get(f"/api/contacts/{keep['id']}")).json
    assert one == answer.json
    assert numbers_of(one) == [(HOME, 1), (MOBILE, 2), (WORK, 3)]
    assert [it["id"] for it in one["phone_numbers"]][1:] == [
        other["phone_numbers"][0]["id"],
        other["phone_numbers"][2]["id"],
    ]
    assert (one["name"], one["language"], one["external_id"]) == ("Karin Öst", "sv", "17")
    assert one["notes"] == "ring hem\nring mobilen"
    assert [group["name"] for group in one["groups"]] == ["Dag", "Natt"]
    assert (await api.get(f"/api/contacts/{other['id']}")).status == 404
    assert await doubles(api) == []


async def test_two_external_ids_want_a_choice(api: Api) -> None:
    keep, other = await add(api, "Karin", MOBILE, external_id="17"), await add(api, "Karin", HOME, external_id="18")

    unsaid = await merge(api, keep, other)
    strange = await merge(api, keep, other, external_id="19")
    chosen = await merge(api, keep, other, external_id="18")

    assert (unsaid.status, strange.status) == (409, 422)
    assert "'17', '18'" in unsaid.json["detail"]
    assert (chosen.status, chosen.json["external_id"]) == (200, "18")


async def test_what_cannot_be_merged_is_told(api: Api) -> None:
    keep = await add(api, "Karin", *(f"+4670174060{place}" for place in range(10)))
    other = await add(api, "Karin", HOME)
    nobody = {"id": str(uuid4())}

    assert [(await merge(api, keep, it)).status for it in (other, keep, nobody)] == [409, 422, 404]
    assert (await api.get(f"/api/contacts/{other['id']}")).json == other


class Called:
    """Two contacts of one person, in a run each or in the same."""

    def __init__(self, runtime: Runtime, keep: Any, other: Any) -> None:
        self.runtime = runtime
        self.keep = make_person(MOBILE, name="Karin", contact_id=UUID(keep["id"]))
        self.other = make_person(HOME, name="Karin", contact_id=UUID(other["id"]))


@pytest.fixture
async def karins(api: Api) -> tuple[Any, Any]:
    return await add(api, "Karin", MOBILE), await add(api, "Karin", HOME, MOBILE)


async def test_the_history_moves_to_the_one_that_is_kept(api: Api, runtime: Runtime, karins: tuple[Any, Any]) -> None:
    keep, other = karins
    called = Called(runtime, keep, other)
    over = ended(called.other, Outcome.REACHED, "1")
    run = await store_run(runtime.database, over)
    of_mobile = UUID(other["phone_numbers"][1]["id"])
    attempt = make_attempt(run, over, state=AttemptState.CLOSED)
    assert await claim(runtime.database, replace(attempt, phone_number_id=of_mobile))

    assert (await merge(api, keep, other)).status == 200

    call = (await api.get(f"/api/runs/{run.id}/calls")).json["items"][0]
    assert (call["contact_id"], call["phone_number_id"]) == (keep["id"], keep["phone_numbers"][0]["id"])
    assert (await api.get(f"/api/runs/{run.id}/recipients")).json["items"][0]["contact_id"] == keep["id"]


async def test_somebody_who_waits_alone_in_a_run_still_does(
    api: Api, runtime: Runtime, karins: tuple[Any, Any]
) -> None:
    keep, other = karins
    run = await store_run(runtime.database, Called(runtime, keep, other).other)

    assert (await merge(api, keep, other)).status == 200

    waiting = (await api.get(f"/api/runs/{run.id}/recipients")).json["items"][0]
    assert (waiting["contact_id"], waiting["state"], waiting["numbers"]) == (keep["id"], "waiting", [HOME])


@pytest.mark.parametrize("is_open", ["keep", "other"])
async def test_nobody_is_merged_while_being_rung(
    api: Api, runtime: Runtime, karins: tuple[Any, Any], is_open: str
) -> None:
    keep, other = karins
    person = getattr(Called(runtime, keep, other), is_open)
    run = await store_run(runtime.database, person)
    assert await claim(runtime.database, make_attempt(run, person, person.facts.numbers[0].number))

    answer = await merge(api, keep, other)

    assert (answer.status, "under way" in answer.json["detail"]) == (409, True)
    assert str(run.id) in answer.json["detail"]


async def test_nobody_is_merged_who_would_be_rung_twice(api: Api, runtime: Runtime, karins: tuple[Any, Any]) -> None:
    """Also when one of the two has answered already."""
    keep, other = karins
    called = Called(runtime, keep, other)
    both_wait = await store_run(runtime.database, called.keep, called.other)

    assert "rung twice" in (await merge(api, keep, other)).json["detail"]

    await api.post(f"/api/runs/{both_wait.id}/stop")
    again = Called(runtime, keep, other)
    one_waits = await store_run(runtime.database, ended(again.keep, Outcome.REACHED, "1"), again.other)
    refused = await merge(api, keep, other)
    assert (refused.status, str(one_waits.id) in refused.json["detail"]) == (409, True)

    await api.post(f"/api/runs/{one_waits.id}/stop")
    assert (await merge(api, keep, other)).status == 200


async def test_two_merges_of_the_same_people_make_one(api: Api, karins: tuple[Any, Any]) -> None:
    keep, other = karins
    answers = await asyncio.gather(merge(api, keep, other), merge(api, other, keep))

    assert sorted(answer.status for answer in answers) == [200, 404]
    assert (await api.get("/api/contacts")).json["total"] == 1
