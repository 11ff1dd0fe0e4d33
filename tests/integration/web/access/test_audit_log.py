"""Who did what: written with the deed itself, shown, exported, and kept for so long."""

from __future__ import annotations

import csv
import io
from typing import Any

from sqlalchemy import text

from gdial.actions.clear_old_data import clear_old_data
from gdial.runtime import Runtime
from gdial.storage.roles import Role
from tests.support.runtime import TurnedClock
from tests.support.visitor import PASSWORD, logged_in, visiting
from tests.support.web import AUTHORIZED, Api, served


async def entries(api: Api, **query: str) -> list[dict[str, Any]]:
    return list((await api.get("/api/log", params=query)).json["items"])


async def test_what_somebody_does_is_written_down_with_who_and_what(both: Runtime, clock: TurnedClock) -> None:
    async with served(both) as api:
        clock.turn(hours=1)
        user = await api.make("/api/users", {"name": "Olle", "password": PASSWORD, "role": "viewer"})
        clock.turn(minutes=1)
        await api.ask("PATCH", f"/api/users/{user['id']}", json={"role": "operator"})
        (changed, added) = await entries(api, search=user["id"])
        assert changed["detail"] == "viewer → operator"
        assert added | {"id": ""} == {
            "id": "",
            "at": "2026-03-01T05:00:00Z",
            "actor_kind": "installation",
            "actor": "API_TOKEN",
            "user_id": None,
            "deed": "user.added",
            "object_kind": "user",
            "object_id": user["id"],
            "object_name": "Olle",
            "detail": "viewer",
            "address": "127.0.0.1",
        }


async def test_changes_whose_action_writes_nothing_are_in_the_log_too(web: Api) -> None:
    headers = {**AUTHORIZED, "GDial-Operator": "cli"}
    group = (await web.post("/api/groups", {"name": "Natt"}, headers=headers)).json
    await web.ask("PATCH", f"/api/groups/{group['id']}", json={"name": "Dag"})
    await web.ask("PATCH", f"/api/groups/{group['id']}", json={"name": ""})
    await web.ask("GET", f"/api/groups/{group['id']}")
    told = [(it["actor"], it["deed"], it["object_kind"], it["object_id"]) for it in await entries(web)]
    assert sorted(told) == [
        ("API_TOKEN", "group.changed", "group", group["id"]),
        ("API_TOKEN (cli)", "group.added", "group", ""),
    ]


async def test_a_refused_change_leaves_no_deed(web: Api) -> None:
    await web.make("/api/users", {"name": "Olle", "password": PASSWORD, "role": "administrator"})
    only = (await entries(web))[0]["object_id"]
    assert (await web.ask("DELETE", f"/api/users/{only}")).status == 409
    assert (await web.post("/api/users", {"name": "OLLE", "password": PASSWORD, "role": "viewer"})).status == 409
    assert [it["deed"] for it in await entries(web)] == ["user.added"]


async def test_log_ins_are_there_and_what_was_tried_as_a_name_is_not(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as vera, visiting(web) as somebody:
        await somebody.log_in("Vera Vakt", "wrong")
        await somebody.log_in("my-secret-in-the-wrong-field", "wrong")
        await vera.send("/logout")
    log = await entries(web)
    assert sorted((it["deed"], it["actor"]) for it in log) == [
        ("session.begun", "Vera Vakt"),
        ("session.ended", "Vera Vakt"),
        ("session.refused", ""),
        ("session.refused", "Vera Vakt"),
    ]
    assert "my-secret" not in str(log)


async def test_a_run_says_who_started_and_stopped_it(paced: Api, dialling: Runtime) -> None:
    person = {"name": "Karin", "phone_numbers": [{"number": "+46701740605"}]}
    contact = await paced.make("/api/contacts", person)
    words = {"text": "Hej. Tryck 1.", "responses": {"1": {"label": "Ja", "reply": "Tack."}}}
    run = {"name": "Natt", "mode": "drill", "contact_ids": [contact["id"]], **words}
    async with logged_in(paced, dialling) as vera:
        header = {"X-CSRF-Token": vera.csrf}
        key = {**header, "Idempotency-Key": "once"}
        for _ in range(2):
            started = await vera.ask("POST", "/api/runs", json=run, headers=key)
            assert started.status == 202, started.text
        for what in ("pause", "resume", "stop"):
            await vera.ask("POST", f"/api/runs/{started.json['id']}/{what}", headers=header)
    told = [(it["actor"], it["deed"], it["object_name"]) for it in await entries(paced, search=started.json["id"])]
    assert sorted(told) == [
        ("Vera Vakt", f"run.{deed}", "Natt") for deed in ("paused", "resumed", "started", "stopped")
    ]


async def test_the_log_is_a_page_and_a_file(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick, Role.ADMINISTRATOR) as boss:
        await boss.send("/settings/users", name="=HYPERLINK(1)", password=PASSWORD, role="viewer")
        page = (await boss.get("/log?deed=user.added&search=hyperlink")).text
        assert "added a user" in page
        assert "=HYPERLINK(1)" in page
        assert "logged in</td>" not in page
        file = await boss.get("/api/log.csv?deed=user.added")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert file.headers["Content-Disposition"] == 'attachment; filename="gdial-log.csv"'
    assert [row["Actor"] for row in rows] == ["Vera Vakt"]
    assert rows[0]["Object name"] == "'=HYPERLINK(1)"
    assert [it["actor"] for it in await entries(web, deed="log.exported")] == ["Vera Vakt"]


async def test_the_log_is_kept_for_as_long_as_the_setting_says(web: Api, quick: Runtime, clock: TurnedClock) -> None:
    await web.ask("PUT", "/api/settings/audit_log_days", json={"value": 30})
    clock.turn(days=29)
    await clear_old_data(quick)
    assert [it["deed"] for it in await entries(web)] == ["setting.changed"]
    clock.turn(days=2)
    await clear_old_data(quick)
    assert await entries(web) == []


async def test_sessions_that_are_over_are_forgotten(web: Api, quick: Runtime, clock: TurnedClock) -> None:
    async with logged_in(web, quick):
        clock.turn(days=8)
        await clear_old_data(quick)
        async with quick.database.reading() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM sessions"))).scalar_one() == 0
