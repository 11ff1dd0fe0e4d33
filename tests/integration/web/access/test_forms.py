"""Changes by a session carry its token; pages of other sites cannot make any."""

from __future__ import annotations

import aiohttp

from gdial.runtime import Runtime
from gdial.storage.roles import Role
from tests.support.visitor import Visitor, logged_in
from tests.support.web import Api


async def language_of(visitor: Visitor) -> str:
    return "sv" if 'value="sv" lang="sv" selected' in (await visitor.get("/account")).text else ""


async def test_a_form_without_the_token_of_its_session_changes_nothing(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as visitor, logged_in(web, quick, name="Olle") as other:
        for csrf in ("", "x" * 64, "ö", other.csrf):
            refused = await visitor.ask("POST", "/account/language", data={"language": "sv", "csrf": csrf})
            assert refused.status == 403, csrf
            assert "load its page anew" in refused.text
        assert await language_of(visitor) == ""


async def test_the_token_comes_in_the_form_or_in_the_header_of_htmx(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as visitor:
        assert (await visitor.send("/account/language", language="sv")).status == 303
        assert await language_of(visitor) == "sv"
        header = {"X-CSRF-Token": visitor.csrf}
        assert (await visitor.ask("POST", "/account/language", data={"language": ""}, headers=header)).status == 303
        assert await language_of(visitor) == ""


async def test_a_form_with_files_begins_with_the_token(web: Api, quick: Runtime) -> None:
    rows = b"Namn;Mobil\n" + b"".join(b"Karin %d;070-174%04d\n" % (n, n) for n in range(300))
    async with logged_in(web, quick) as visitor:
        for first, status in (("csrf", 200), ("later", 403)):
            form = aiohttp.FormData()
            form.add_field(first, visitor.csrf)
            form.add_field("file", rows, filename="people.csv")
            form.add_field("csrf", visitor.csrf)
            answer = await visitor.ask("POST", "/api/contacts/import?dry_run=true", data=form)
            # A field that the REST interface does not know is refused there, behind this door.
            assert (answer.status == 403) is (status == 403), answer.text


async def test_the_rest_interface_takes_a_session_with_its_token(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick) as visitor:
        assert (await visitor.get("/api/contacts")).status == 200
        refused = await visitor.ask("POST", "/api/groups", json={"name": "Natt"})
        assert (refused.status, refused.json["type"]) == (403, "urn:gdial:no-csrf-token")
        header = {"X-CSRF-Token": visitor.csrf}
        assert (await visitor.ask("POST", "/api/groups", json={"name": "Natt"}, headers=header)).status == 201


async def test_a_token_that_is_given_counts_alone(web: Api, quick: Runtime) -> None:
    """A wrong one is not made good by a session beside it."""
    async with logged_in(web, quick) as visitor:
        assert (await visitor.get("/api/contacts", headers={"Authorization": "Bearer wrong"})).status == 401


async def test_a_page_of_another_site_cannot_send_a_form(web: Api, quick: Runtime) -> None:
    asked = [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.test"}, 403),
    ]
    async with logged_in(web, quick) as visitor:
        for headers, status in asked:
            form = {"language": "sv", "csrf": visitor.csrf}
            sent = await visitor.ask("POST", "/account/language", data=form, headers=headers)
            assert sent.status == status, headers
            login = await visitor.ask("POST", "/login", data={"name": "Nils", "password": "x"}, headers=headers)
            assert login.status == (403 if status == 403 else 401), headers


async def test_what_a_role_may_not_is_a_page_that_says_so(web: Api, quick: Runtime) -> None:
    async with logged_in(web, quick, Role.VIEWER) as visitor:
        for path in ("/settings/users", "/settings/tokens", "/log"):
            answer = await visitor.get(path)
            assert answer.status == 403
            assert answer.headers["Content-Type"].startswith("text/html")
            assert f'href="{path}"' not in answer.text
        refused = await visitor.ask("POST", "/api/groups", json={"name": "x"}, headers={"X-CSRF-Token": visitor.csrf})
        assert refused.json["type"] == "urn:gdial:role-too-small"
        assert "Vera Vakt is viewer here; this takes operator." in refused.text
