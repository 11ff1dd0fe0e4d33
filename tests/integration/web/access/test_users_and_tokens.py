"""Users and API tokens, at the pages and over REST."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gdial.actions.save_user import create_user
from gdial.dialing.brakes import Starter
from gdial.runtime import Runtime
from gdial.storage import runs
from gdial.storage.roles import Role
from tests.support.runtime import TurnedClock
from tests.support.visitor import PASSWORD, logged_in, visiting
from tests.support.web import Api, served


async def test_an_administrator_adds_changes_and_removes_users(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick, Role.ADMINISTRATOR) as boss, visiting(web) as olle:
        weak = await boss.send("/settings/users", name="Olle", password="short", role="operator")
        assert (weak.status, "shorter than 12 characters" in weak.text) == (422, True)
        assert 'value="Olle"' in weak.text
        added = await boss.send("/settings/users", name="Olle", password=PASSWORD, role="operator")
        assert added.status == 303
        taken = await boss.send("/settings/users", name="OLLE", password=PASSWORD, role="viewer")
        assert (taken.status, "somebody has this name already" in taken.text) == (409, True)

        page = re.search(r'/settings/users/[0-9a-f-]{36}(?=">Olle)', (await boss.get("/settings/users")).text)
        assert page is not None
        await olle.log_in("Olle")
        assert (await olle.get("/api/users")).status == 403
        await boss.send(page[0], name="Olle Öst", role="administrator", language="sv")
        assert (await olle.get("/api/users")).status == 200
        assert 'lang="sv"' in (await olle.get("/account")).text

        await boss.send(f"{page[0]}/password", password="a new password to begin with")
        assert (await olle.get("/api/users")).status == 401
        assert (await boss.send(f"{page[0]}/remove")).status == 409
        assert (await boss.send(f"{page[0]}/remove", sure="true")).status == 303
        assert (await olle.log_in("Olle Öst", "a new password to begin with")).status == 401


async def test_the_last_administrator_stays_one(both: Runtime) -> None:
    async with served(both) as api:
        wish = {"password": PASSWORD, "role": "administrator"}
        first = await api.make("/api/users", {"name": "Vera", **wish})
        refused = [
            await api.ask("DELETE", f"/api/users/{first['id']}"),
            await api.ask("PATCH", f"/api/users/{first['id']}", json={"role": "operator"}),
        ]
        assert [answer.status for answer in refused] == [409, 409]
        assert (await api.post("/api/users", {"name": "vera", **wish})).status == 409
        second = await api.make("/api/users", {"name": "Olle", **wish})
        renamed = await api.ask("PATCH", f"/api/users/{second['id']}", json={"name": "VERA"})
        assert renamed.status == 409
        assert (await api.ask("DELETE", f"/api/users/{first['id']}")).status == 204
        assert [user["name"] for user in (await api.get("/api/users")).json["items"]] == ["Olle"]


async def test_no_answer_holds_a_password(web: Api, quick: Runtime) -> None:
    made = await web.make("/api/users", {"name": "Vera", "password": PASSWORD, "role": "viewer"})
    shown = (await web.get(f"/api/users/{made['id']}")).text + (await web.get("/api/users")).text
    assert "password" not in shown
    assert "argon2" not in shown
    refused = await web.post("/api/users", {"name": "Olle", "password": "kort", "role": "viewer"})
    assert refused.json["errors"][0]["field"] == "password"
    assert "kort" not in refused.text.replace("shorter", "")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_is_shown_once_and_good_until_its_end(both: Runtime, clock: TurnedClock) -> None:
    async with served(both) as api:
        made = await api.make("/api/tokens", {"name": "Larm", "role": "operator", "days": 7})
        token = made.pop("token")
        assert re.fullmatch(r"gdial_[\w-]{43}", token)
        assert (await api.get(f"/api/tokens/{made['id']}")).json == made
        async with both.database.reading() as tx:
            assert token not in str((await tx.execute(text("SELECT * FROM api_tokens"))).all())

        assert (await api.get("/api/contacts", headers=bearer(token))).status == 200
        assert (await api.get("/api/tokens", headers=bearer(token))).status == 403
        assert (await api.get("/api/contacts", headers=bearer(token + "x"))).status == 401
        assert (await api.get(f"/api/tokens/{made['id']}")).json["last_used_at"] == "2026-03-01T04:00:00Z"
        clock.turn(days=7)
        assert (await api.get("/api/contacts", headers=bearer(token))).status == 401


async def test_a_removed_token_is_good_for_nothing(web: Api, quick: Runtime) -> None:
    made = await web.make("/api/tokens", {"name": "Larm", "role": "viewer", "days": None})
    assert (await web.get("/api/runs", headers=bearer(made["token"]))).status == 200
    assert (await web.ask("DELETE", f"/api/tokens/{made['id']}")).status == 204
    assert (await web.get("/api/runs", headers=bearer(made["token"]))).status == 401


async def test_the_page_shows_a_new_token_once(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick, Role.ADMINISTRATOR) as boss:
        made = await boss.send("/settings/tokens", name="Larm", role="operator", days="30")
        token = re.search(r"gdial_[\w-]{43}", made.text)
        assert token is not None
        assert made.headers["Cache-Control"] == "no-store"
        page = (await boss.get("/settings/tokens")).text
        assert "Larm" in page
        assert token[0] not in page
        assert (await web.get("/api/contacts", headers=bearer(token[0]))).status == 200
        wrong = await boss.send("/settings/tokens", name="Larm", role="operator", days="soon")
        assert wrong.status == 422


async def test_a_users_token_never_does_more_than_the_user_and_goes_with_the_user(both: Runtime) -> None:
    user = await create_user(both, "Vera", PASSWORD, Role.OPERATOR)
    async with served(both) as api:
        wish = {"name": "laptop", "role": "administrator", "user_id": str(user.id)}
        token = (await api.make("/api/tokens", wish))["token"]
        assert (await api.get("/api/users", headers=bearer(token))).status == 403
        assert (await api.post("/api/groups", {"name": "Natt"}, headers=bearer(token))).status == 201
        await api.ask("PATCH", f"/api/users/{user.id}", json={"role": "viewer"})
        assert (await api.post("/api/groups", {"name": "Dag"}, headers=bearer(token))).status == 403
        await api.ask("DELETE", f"/api/users/{user.id}")
        assert (await api.get("/api/groups", headers=bearer(token))).status == 401


async def test_what_a_person_starts_is_an_operators_and_what_a_program_starts_is_not(
    paced: Api, dialling: Runtime
) -> None:
    user = await create_user(dialling, "Vera", PASSWORD, Role.OPERATOR)
    wish = {"name": "Larm", "role": "operator"}
    persons = (await paced.make("/api/tokens", {**wish, "user_id": str(user.id)}))["token"]
    programs = (await paced.make("/api/tokens", wish))["token"]
    person = {"name": "Karin", "phone_numbers": [{"number": "+46701740605"}]}
    contact = await paced.make("/api/contacts", person)
    words = {"text": "Hej. Tryck 1.", "responses": {"1": {"label": "Ja", "reply": "Tack."}}}
    run: dict[str, Any] = {"name": "Natt", "mode": "drill", "contact_ids": [contact["id"]], **words}
    for token, starter in ((persons, Starter.OPERATOR), (programs, Starter.PROGRAM)):
        started = await paced.post("/api/runs", run, headers=bearer(token))
        assert started.status == 202, started.text
        async with dialling.database.reading() as tx:
            assert (await runs.get(tx, UUID(started.json["id"]))).started_by is starter
