"""What every page has in common: words, files, safety, errors."""

from __future__ import annotations

import gzip
import re
from uuid import uuid4

from tests.support.runtime import API_TOKEN
from tests.support.web import AUTHORIZED, Api


def asking(**more: str) -> dict[str, str]:
    return {**AUTHORIZED, **{name.replace("_", "-"): value for name, value in more.items()}}


ASKED_FOR = {
    "sv": "sv",
    "en-GB,en;q=0.9,sv;q=0.8": "en",
    "de, sv;q=0.7, en;q=0.3": "sv",
    "fi, en;q=0": "sv",
    "*": "sv",
    ";;q=x,": "sv",
    "": "sv",
}


async def test_a_browser_is_answered_in_the_language_it_asks_for(quick_api: Api) -> None:
    for wanted, language in ASKED_FOR.items():
        page = await quick_api.get("/runs", headers=asking(Accept_Language=wanted))
        assert page.status == 200
        assert f'<html lang="{language}">' in page.text, wanted
        assert ("Utringningar" in page.text) == (language == "sv")


async def test_who_chose_a_language_keeps_it(quick_api: Api) -> None:
    chosen = await quick_api.ask(
        "POST", "/language", data={"language": "en", "next": "/runs?state=done"}, allow_redirects=False
    )
    assert (chosen.status, chosen.headers["Location"]) == (303, "/runs?state=done")
    cookie = chosen.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    page = await quick_api.get("/runs", headers=asking(Accept_Language="sv", Cookie=cookie.partition(";")[0]))
    assert '<html lang="en">' in page.text


ELSEWHERE = ("https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "x")


async def test_the_language_switch_sends_nobody_to_another_site(quick_api: Api) -> None:
    for elsewhere in ELSEWHERE:
        form = {"language": "en", "next": elsewhere}
        sent = await quick_api.ask("POST", "/language", data=form, allow_redirects=False)
        assert sent.headers["Location"] == "/", elsewhere


async def test_files_keep_their_names_as_long_as_their_content(quick_api: Api) -> None:
    page = await quick_api.get("/runs")
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(set(addresses)) >= 5
    for address in sorted(set(addresses)):
        plain = await quick_api.get(address, headers=asking(Accept_Encoding="identity"))
        assert plain.status == 200, address
        assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert plain.headers["X-Content-Type-Options"] == "nosniff"
        async with quick_api.session.get(
            quick_api.url + address, headers=asking(Accept_Encoding="gzip"), auto_decompress=False
        ) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await packed.read()).decode() == plain.text
    for wrong in ("/static/board.css", "/static/..%2fpage.py", "/static/vendor"):
        assert (await quick_api.get(wrong)).status == 404


async def test_pages_allow_nothing_but_their_own_files(quick_api: Api) -> None:
    for address, status in (("/runs", 200), ("/runs?offset=-1", 422)):
        page = await quick_api.get(address)
        assert page.status == status
        policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cache-Control"] == "no-store"
        assert API_TOKEN not in page.text


async def test_errors_are_pages_for_people(quick_api: Api) -> None:
    page = await quick_api.get("/runs?state=%3Cscript%3E", headers=asking(Accept_Language="sv"))
    assert page.status == 422
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Något i detta kan inte användas." in page.text
    assert "<script>" not in page.text
    part = await quick_api.get("/runs?state=x", headers=asking(Accept_Language="sv", HX_Request="true"))
    assert part.status == 422
    assert part.headers["Content-Type"].startswith("text/plain")
    assert part.text.startswith("Något i detta kan inte användas.")


async def test_an_installation_without_runs_says_so(quick_api: Api) -> None:
    assert "Det finns ingen ännu." in (await quick_api.get("/", headers=asking(Accept_Language="sv"))).text
    assert (await quick_api.get(f"/api/runs/{uuid4()}")).json["type"] == "urn:gdial:not-found"
