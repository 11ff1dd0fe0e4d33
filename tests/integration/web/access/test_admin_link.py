"""The way in of the first administrator."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from gdial.actions.acting import installation_actor
from gdial.actions.admin_link import make_admin_link, use_admin_link
from gdial.errors import Conflict
from gdial.runtime import Runtime
from tests.support.runtime import TurnedClock
from tests.support.visitor import PASSWORD, visiting
from tests.support.web import Api

NEW = {"name": "Vera", "password": PASSWORD, "again": PASSWORD}


async def made(rt: Runtime) -> tuple[str, str]:
    """The path with its query, and the link's secret."""
    parts = urlsplit(await make_admin_link(rt, "http://127.0.0.1:3003", installation_actor()))
    return f"{parts.path}?{parts.query}", parts.query.removeprefix("link=")


async def test_a_link_makes_one_administrator_who_is_logged_in(web: Api, quick: Runtime) -> None:
    there, link = await made(quick)
    async with visiting(web) as visitor:
        form = await visitor.get(there)
        assert form.status == 200
        assert form.headers["Referrer-Policy"] == "same-origin"
        for wrong in ({"password": "short", "again": "short"}, {"again": "another"}, {"name": " "}):
            assert (await visitor.send("/first-administrator", link=link, **{**NEW, **wrong})).status == 422
        done = await visitor.send("/first-administrator", link=link, **NEW)
        assert (done.status, done.headers["Location"]) == (303, "/")
        users = (await visitor.get("/api/users")).json["items"]
        assert [(user["name"], user["role"]) for user in users] == [("Vera", "administrator")]

        assert (await visitor.get(there)).status == 409
        assert (await visitor.send("/first-administrator", link=link, **{**NEW, "name": "Olle"})).status == 409
        assert len((await visitor.get("/api/users")).json["items"]) == 1
    with pytest.raises(Conflict, match="gdial user password"):
        await made(quick)


async def test_a_link_is_good_for_a_quarter_of_an_hour(web: Api, quick: Runtime, clock: TurnedClock) -> None:
    there, _ = await made(quick)
    async with visiting(web) as visitor:
        clock.turn(minutes=14, seconds=59)
        assert (await visitor.get(there)).status == 200
        clock.turn(seconds=1)
        over = await visitor.get(there)
        assert (over.status, "gdial admin-link" in over.text) == (409, True)


async def test_a_new_link_takes_the_place_of_the_one_before(web: Api, quick: Runtime) -> None:
    (before, _), (after, _) = await made(quick), await made(quick)
    async with visiting(web) as visitor:
        assert (await visitor.get(before)).status == 409
        assert (await visitor.get(after)).status == 200
        assert (await visitor.get("/first-administrator")).status == 409


async def test_of_two_who_use_it_at_once_one_gets_in(both: Runtime) -> None:
    _, link = await made(both)
    uses = [use_admin_link(both, link, name, PASSWORD, "", "") for name in ("Vera", "Olle", "Nils")]
    told = await asyncio.gather(*uses, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in told) == 2


async def test_no_line_of_the_log_holds_the_link(web: Api, quick: Runtime, capfd: pytest.CaptureFixture[str]) -> None:
    there, link = await made(quick)
    async with visiting(web) as visitor:
        await visitor.get(there)
        await visitor.send("/first-administrator", link=link, **NEW)
        log = (await visitor.get("/api/log")).text
    written = "".join(capfd.readouterr())
    assert "/first-administrator" in written
    assert link not in written + log
    assert PASSWORD not in written + log
