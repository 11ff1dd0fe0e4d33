"""A run's report, as CSV and as a workbook."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import openpyxl  # type: ignore[import-untyped]
import pytest

from gdial.actions.report_words import explain
from gdial.dialing.states import AttemptState, Outcome, Reason, RecipientState
from gdial.runtime import Runtime
from gdial.storage import groups
from gdial.storage.groups import NewGroup
from tests.support.runtime import FIRST_MOMENT
from tests.support.stored_runs import NUMBER, claim, ended, make_attempt, make_person, store_contact, store_run
from tests.support.web import AUTHORIZED, Api

COLUMNS = [
    "name", "groups", "outcome", "reason", "answer", "answer_label", "number_reached", "attempts", "answered_at",
    "ended_at", "reached_when", "mode", "explanation",
]  # fmt: skip


async def download(api: Api, path: str) -> bytes:
    async with api.session.get(api.url + path, headers=AUTHORIZED) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


@pytest.fixture
async def run_id(runtime: Runtime) -> str:
    """Karin came, Bo did not pick up, =Eva still waits."""
    karin = await store_contact(runtime.database, "Karin Öst", NUMBER)
    group_ids = [uuid4(), uuid4()]
    async with runtime.database.transaction() as tx:
        named = [NewGroup(id=it, name=name) for it, name in zip(group_ids, ("Natt", "Alla"), strict=True)]
        await groups.create(tx, named, FIRST_MOMENT)
        await groups.add_memberships(tx, [(group_id, karin) for group_id in group_ids])
    reached = make_person(name="Karin Öst", contact_id=karin)
    missed = ended(make_person(name="Bo Ek"), Outcome.NOT_REACHED, attempts=3)
    attempt_id = uuid4()
    reached = ended(reached, Outcome.REACHED, "1", answer_attempt_id=attempt_id, attempts=1)
    run = await store_run(runtime.database, reached, missed, make_person(name="=Eva"))
    answered_at = FIRST_MOMENT + timedelta(seconds=20)
    attempt = make_attempt(run, reached, state=AttemptState.CLOSED, answered_at=answered_at)
    attempt = replace(attempt, facts=replace(attempt.facts, id=attempt_id))
    assert await claim(runtime.database, attempt)
    return str(run.id)


async def test_each_person_is_a_row_with_what_came_of_it(api: Api, run_id: str) -> None:
    told = csv.reader(
        io.StringIO((await download(api, f"/api/runs/{run_id}/report.csv?language=en")).decode("utf-8-sig"))
    )
    head, karin, bo, eva = list(told)

    assert head == COLUMNS
    assert karin == [
        "Karin Öst", "Alla; Natt", "reached", "key", "1", "Kommer", NUMBER, "1", "2026-03-01T05:00:20+01:00",
        "2026-03-01T05:00:00+01:00", "key", "real", "Answered with a key",
    ]  # fmt: skip
    assert bo[:8] == ["Bo Ek", "", "not_reached", "no answer", "", "", "", "3"]
    assert bo[-1] == "Nobody picked up"
    assert (eva[0], eva[2], eva[3], eva[-1]) == ("'=Eva", "waiting", "", "Waits to be rung")


async def test_the_workbook_holds_the_same(api: Api, run_id: str) -> None:
    in_csv = await download(api, f"/api/runs/{run_id}/report.csv")
    sheet = openpyxl.load_workbook(io.BytesIO(await download(api, f"/api/runs/{run_id}/report.xlsx"))).active

    cells = [[str(cell.value or 0 if cell.data_type == "n" and cell.column == 8 else cell.value or "") for cell in row]
             for row in sheet]  # fmt: skip
    assert cells == list(csv.reader(io.StringIO(in_csv.decode("utf-8-sig"))))
    assert [cell.data_type for cell in sheet[2]][:8] == ["s"] * 7 + ["n"]


async def test_the_workbook_has_the_ledger_on_a_sheet_of_its_own(api: Api, run_id: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(await download(api, f"/api/runs/{run_id}/report.xlsx")))
    told = (await api.get(f"/api/runs/{run_id}/ledger")).json["now"]["people"]

    assert book.sheetnames == ["Report", "Ledger"]
    rows = {(row[0], row[1]): row[3] for row in book["Ledger"].iter_rows(values_only=True)}
    assert rows["people", "recipients"] == told["recipients"] == 3
    assert rows["people", "reached"] == told["reached"] == 1
    assert rows["reached", "key"] == 1


async def test_the_explanations_are_in_the_installations_language_unless_told(api: Api, run_id: str) -> None:
    async def explained(query: str) -> list[str]:
        text = (await download(api, f"/api/runs/{run_id}/report.csv{query}")).decode("utf-8-sig")
        return [row["explanation"] for row in csv.DictReader(io.StringIO(text))]

    assert await explained("") == await explained("?language=sv")
    assert await explained("?language=sv") == [
        "Svarade med en knapp", "Ingen lyfte", "Väntar på att bli uppringd",
    ]  # fmt: skip
    assert (await api.get(f"/api/runs/{run_id}/report.csv?language=fi")).status == 422


async def test_a_run_that_is_not_there_has_no_report(api: Api) -> None:
    for kind in ("csv", "xlsx"):
        assert (await api.get(f"/api/runs/{uuid4()}/report.{kind}")).status == 404


@pytest.mark.parametrize("reason", [*Reason, RecipientState.WAITING, RecipientState.CALLING])
def test_every_reason_has_words(reason: Reason) -> None:
    in_swedish, in_english = explain("waiting", reason, "sv"), explain("waiting", reason, "en")

    assert in_swedish != in_english
    assert reason.value not in (in_swedish, in_english)
