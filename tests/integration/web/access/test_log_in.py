"""Logging in and out: sessions, their ends, and what guessing costs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text

from gdial.actions.log_in import LogInRefused, log_in
from gdial.actions.login_waiting import begin_attempt, keys_of
from gdial.actions.save_user import create_user
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage.roles import Role
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.visitor import PASSWORD, logged_in, visiting
from tests.support.web import Api, served

NAME = "Vera Vakt"


async def test_who_logs_in_is_let_in_and_out(web: Api, quick: Runtime) -> None:
    await create_user(quick, NAME, PASSWORD, Role.OPERATOR)
    async with visiting(web) as visitor:
        answer = await visitor.log_in(" vera VAKT ", after="/runs?state=done")
        assert (answer.status, answer.headers["Location"]) == (303, "/runs?state=done")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(answer.headers["Set-Cookie"].split("; "))
        assert NAME in (await visitor.get("/runs")).text
        assert (await visitor.get("/login")).headers["Location"] == "/"
        cookie = visitor.cookie

        assert (await visitor.send("/logout")).headers["Location"] == "/login"
        assert visitor.cookie == ""
        stale = {"Cookie": f"gdial_session={cookie}"}
        assert (await visitor.get("/runs", headers=stale)).status == 303


async def test_the_cookie_is_for_https_where_the_address_is(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(public_url="https://gdial.example.org", password_hash_mib=19)
    async with opened_runtime(settings) as opened, served(opened) as api, visiting(api) as visitor:
        await create_user(opened, NAME, PASSWORD, Role.VIEWER)
        answer = await visitor.ask("POST", "/login", data={"name": NAME, "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


async def test_the_database_holds_neither_password_nor_token(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as visitor:
        async with quick.database.reading() as tx:
            kept = [
                [tuple(row) for row in await tx.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 - our own names
                for table in ("users", "sessions", "login_waits", "audit_log")
            ]
        assert visitor.cookie
        assert visitor.cookie not in str(kept)
        assert PASSWORD not in str(kept)
        assert "$argon2id$" in str(kept)


async def test_a_wrong_name_and_a_wrong_password_get_the_same_words(web: Api, quick: Runtime) -> None:
    await create_user(quick, NAME, PASSWORD, Role.OPERATOR)
    async with visiting(web) as visitor:
        known = await visitor.log_in(NAME, "a wrong password")
        unknown = await visitor.log_in("Nils Ingen", "a wrong password")
    assert known.status == unknown.status == 401
    assert "The name or the password is wrong." in known.text
    assert known.text.replace(NAME, "") == unknown.text.replace("Nils Ingen", "")
    assert "a wrong password" not in known.text


async def tried(rt: Runtime, name: str, address: str) -> int:
    """The seconds to wait before a password is looked at at all."""
    async with rt.database.transaction() as tx:
        wait = await begin_attempt(tx, keys_of(rt.secret, name, address), rt.clock())
    return math.ceil(wait.total_seconds())


async def test_guessing_waits_longer_and_longer(both: Runtime, clock: TurnedClock) -> None:
    waits: list[int] = []
    for _ in range(14):
        clock.turn(seconds=waits[-1] if waits else 0)
        assert await tried(both, NAME, "192.0.2.7") == 0
        waits.append(await tried(both, NAME, "192.0.2.8"))
        if not waits[-1]:
            continue
        assert await tried(both, NAME.upper(), "192.0.2.9") == waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    clock.turn(hours=1, seconds=1)
    assert await tried(both, NAME, "192.0.2.7") == 0
    assert await tried(both, NAME, "192.0.2.7") == 0


async def test_one_address_waits_over_all_names(both: Runtime, clock: TurnedClock) -> None:
    waits = [await tried(both, f"Nils {number}", "192.0.2.7") for number in range(23)]
    assert waits == [0] * 20 + [1, 1, 1]
    assert await tried(both, NAME, "192.0.2.8") == 0
    for _ in range(12):
        clock.turn(minutes=15)
        assert await tried(both, NAME, "192.0.2.7") == 0
    assert await tried(both, NAME, "192.0.2.7") == 15 * 60


async def test_the_right_password_waits_as_well_and_then_all_is_forgiven(quick: Runtime, clock: TurnedClock) -> None:
    await create_user(quick, NAME, PASSWORD, Role.OPERATOR)
    for _ in range(6):
        with suppress(LogInRefused):
            await log_in(quick, NAME, "wrong", "192.0.2.7", "")
    with pytest.raises(LogInRefused):
        await log_in(quick, NAME, PASSWORD, "192.0.2.8", "")
    clock.turn(seconds=2)
    assert (await log_in(quick, NAME, PASSWORD, "192.0.2.8", "")).user.name == NAME
    assert [await tried(quick, NAME, "192.0.2.9") for _ in range(6)] == [0, 0, 0, 0, 0, 1]


async def test_many_guesses_at_once_are_no_way_around(both: Runtime) -> None:
    """As of several web processes: what counts is in the database."""
    waits = await asyncio.gather(*(tried(both, NAME, f"192.0.2.{number}") for number in range(12)))
    assert sorted(waits) == [0] * 5 + [1] * 7


async def test_who_waits_is_told_for_how_long(web: Api) -> None:
    async with visiting(web) as visitor:
        answers = [await visitor.log_in(NAME, "wrong") for _ in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert "Wait 1 s" in answers[-1].text


async def test_a_session_that_rests_too_long_is_over(web: Api, quick: Runtime, clock: TurnedClock) -> None:
    async with logged_in(web, quick) as visitor:
        for _ in range(3):
            clock.turn(minutes=479)
            assert (await visitor.get("/account")).status == 200
        clock.turn(minutes=481)
        assert (await visitor.get("/account")).status == 303


async def test_a_session_is_over_after_a_week_however_much_it_is_used(
    web: Api, quick: Runtime, clock: TurnedClock
) -> None:
    async with logged_in(web, quick) as visitor:
        for _ in range(27):
            clock.turn(hours=6)
            assert (await visitor.get("/account")).status == 200
        clock.turn(hours=6, minutes=1)
        assert (await visitor.get("/account")).status == 303


async def test_everywhere_is_everywhere(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as here, visiting(web) as there, logged_in(web, quick, name="Olle") as other:
        await there.log_in(NAME)
        assert "2 browsers" in (await here.get("/account")).text
        assert (await here.send("/logout/everywhere")).status == 303
        assert (await there.get("/account")).status == 303
        assert (await here.get("/account")).status == 303
        assert (await other.get("/account")).status == 200


async def test_a_new_password_ends_the_other_sessions(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as here, visiting(web) as there:
        await there.log_in(NAME)
        new = {"password": "quite another password", "again": "quite another password"}
        wrong = await here.send("/account/password", old_password="wrong", **new)
        assert (wrong.status, "The password of now is wrong." in wrong.text) == (422, True)
        differs = await here.send("/account/password", old_password=PASSWORD, **(new | {"again": "x" * 12}))
        assert (differs.status, "The two passwords differ." in differs.text) == (422, True)
        assert (await here.send("/account/password", old_password=PASSWORD, **new)).status == 303
        assert (await here.get("/account?done=password")).status == 200
        assert (await there.get("/account")).status == 303
        assert (await there.log_in(NAME)).status == 401
        assert (await there.log_in(NAME, new["password"])).status == 303


async def test_a_dearer_hash_takes_the_place_of_a_cheap_one(
    make_settings: Callable[..., Settings], quick: Runtime
) -> None:
    await create_user(quick, NAME, PASSWORD, Role.VIEWER)
    async with opened_runtime(make_settings(password_hash_mib=21)) as dearer:
        await log_in(dearer, NAME, PASSWORD, "192.0.2.7", "")
        async with dearer.database.reading() as tx:
            kept = (await tx.execute(text("SELECT password_hash FROM users"))).scalar_one()
        assert f"m={21 * 1024}" in kept
        await log_in(dearer, NAME, PASSWORD, "192.0.2.7", "")
