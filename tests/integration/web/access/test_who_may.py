"""Who may do what, on every page and every route that there is."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from fastapi.routing import iter_route_contexts

from gdial.actions.acting import installation_actor
from gdial.actions.save_token import create_token
from gdial.runtime import Runtime
from gdial.storage.roles import Role
from gdial.web.access.rules import OPENAPI, RULES, GuardedRoute
from gdial.web.app import create_app, guard
from tests.support.visitor import logged_in, visiting
from tests.support.web import Api

OPEN = {
    "/login",
    "/first-administrator",
    "/language",
    "/static/{name}",
    "/voice",
    "/custom-voice",
    "/dtmf",
    "/call-status",
    "/tts/audio/{name}",
    "/health/live",
}
LOCAL = {"/metrics"}

ADMINISTRATORS = re.compile(r"/api/(users|tokens|log|webhooks|queues/dead|queues/replay)\b.*|/settings/.*|/log")
OWN_AFFAIRS = re.compile(r"/logout.*|/account.*")
OPERATORS_READ = re.compile(
    r"/api/runs/\{run_id\}/audit|/api/contacts/export\..*|.*/manual\.csv|/runs/new\b.*|/drill\b.*|/runs/\{run_id\}/(stop|again)"
)


def expected(method: str, path: str) -> Role:
    """Viewers read, operators do, administrators decide who."""
    is_reading = method in ("GET", "HEAD")
    if ADMINISTRATORS.fullmatch(path) or (path.startswith("/api/settings") and not is_reading):
        return Role.ADMINISTRATOR
    if OWN_AFFAIRS.fullmatch(path):
        return Role.VIEWER
    if OPERATORS_READ.fullmatch(path):
        return Role.OPERATOR
    return Role.VIEWER if is_reading else Role.OPERATOR


@pytest.fixture
def routes() -> tuple[GuardedRoute, ...]:
    return guard().routes


async def test_every_route_of_the_application_is_known(quick: Runtime, routes: tuple[GuardedRoute, ...]) -> None:
    there = {
        (method, str(route.path_format))
        for route in iter_route_contexts(create_app(quick).routes)
        for method in route.methods or ()
        if route.path_format not in OPEN and (method, route.path_format) != ("HEAD", OPENAPI)
    }
    known = {(route.method, route.path) for route in routes if route.path not in OPEN}
    assert there == known


def test_every_route_says_which_role_it_takes(routes: tuple[GuardedRoute, ...]) -> None:
    guarded = [route for route in routes if route.path not in OPEN]
    assert len(guarded) > 90
    assert [(route.method, route.path) for route in guarded if route.rule is None] == []
    said = {(route.method, route.path): route.rule.role for route in guarded if route.rule}
    assert {at: role for at, role in said.items() if role is not expected(*at)} == {}


def test_no_rule_is_left_over(routes: tuple[GuardedRoute, ...]) -> None:
    there = {(route.method, route.path) for route in routes}
    assert sorted(RULES.keys() - there) == []


def test_every_change_that_lasts_has_a_deed(routes: tuple[GuardedRoute, ...]) -> None:
    """Those without one keep nothing, or are no change: the list is short, and looked at."""
    without = {
        f"{route.method} {route.path}"
        for route in routes
        if route.rule and route.rule.deed is None and route.method not in ("GET", "HEAD") and route.path not in OPEN
    }
    silent = re.compile(r"\w+ (/api/messages/preview|/api/runs/forecast|/tts/jobs)|POST /runs/new\b.*")
    assert {line for line in without if not silent.fullmatch(line)} == set()


def address(path: str) -> str:
    """Of nothing that is there."""
    return re.sub(r"\{\w+\}", lambda _: str(uuid4()), path)


async def status(web: Api, method: str, path: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with web.session.request(method, web.url + path, headers=headers, allow_redirects=False) as response:
        return response.status


async def test_each_role_may_exactly_that_and_nobody_nothing(
    web: Api, quick: Runtime, routes: tuple[GuardedRoute, ...]
) -> None:
    owner = installation_actor()
    tokens = {role: (await create_token(quick, owner, role, role)).secret for role in Role}
    wrong = []
    for route in routes:
        if route.path in OPEN | LOCAL or not route.rule:
            continue
        there = address(route.path)
        if (nobody := await status(web, route.method, there, "")) != 401:
            wrong.append((route.method, route.path, "nobody", nobody))
        for role, token in tokens.items():
            answered = await status(web, route.method, there, token)
            may = role.covers(expected(route.method, route.path))
            if (answered == 403) is may or answered in (401, 500):
                wrong.append((route.method, route.path, role, answered))
    assert wrong == []


async def test_without_a_login_a_browser_is_shown_where_to_log_in_and_nothing_else(
    web: Api, routes: tuple[GuardedRoute, ...]
) -> None:
    async with visiting(web) as visitor:
        for route in routes:
            if route.path in OPEN | LOCAL or route.path.startswith(("/api/", "/health/", "/tts/")):
                continue
            answer = await visitor.ask(route.method, address(route.path))
            assert answer.status == 303, (route.method, route.path)
            assert answer.headers["Location"].startswith("/login"), (route.method, route.path)
            assert answer.text == ""


async def test_one_comes_back_to_where_one_wanted_to(web: Api) -> None:
    async with visiting(web) as visitor:
        asked = await visitor.get("/runs?state=done&offset=25")
        assert asked.headers["Location"] == "/login?next=/runs%3Fstate%3Ddone%26offset%3D25"
        form = await visitor.get(asked.headers["Location"])
        assert 'name="next" value="/runs?state=done&amp;offset=25"' in form.text


async def test_a_login_sends_nobody_to_another_site(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as visitor, visiting(web) as stranger:
        for elsewhere in ("https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\t/evil.test"):
            assert (await visitor.get("/login", params={"next": elsewhere})).headers["Location"] == "/", elsewhere
            form = await stranger.get("/login", params={"next": elsewhere})
            assert '<input type="hidden" name="next" value="/">' in form.text, elsewhere
        sent = await visitor.log_in("Vera Vakt", after="//evil.test")
        assert (sent.status, sent.headers["Location"]) == (303, "/")


async def test_a_part_that_htmx_asks_for_leads_the_whole_page_to_the_login(web: Api) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{web.url}/runs?state=done"}
    async with visiting(web) as visitor:
        answer = await visitor.get("/runs", headers=headers)
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/login?next=/runs%3Fstate%3Ddone")
