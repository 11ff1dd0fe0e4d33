"""Who is let in, and what is refused before anything is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from gdial.contacts.limits import MAX_UPLOAD_BYTES
from gdial.settings import Settings
from tests.support.runtime import API_TOKEN, opened_runtime
from tests.support.web import AUTHORIZED, Api, served

EVERYWHERE = [
    "/api/contacts",
    "/api/openapi.json",
    "/health/ready",
    "/nothing/here",
    "/",
    "/tts/audio/x/../../api/runs",
]
WRONG = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer wrong"},
    {"Authorization": f"Bearer {API_TOKEN}x"},
    {"Authorization": f"Basic {API_TOKEN}"},
    {"Authorization": API_TOKEN},
    {"Authorization": "Bearer sträng"},
]


@pytest.fixture
async def public_api(make_settings: Callable[..., Settings]) -> AsyncIterator[Api]:
    settings = make_settings(public_url="https://gdial.example.org", allowed_hosts="gdial.internal")
    async with opened_runtime(settings) as opened, served(opened) as running:
        yield running


@pytest.mark.parametrize("headers", WRONG)
async def test_without_the_token_there_is_exactly_401(quick_api: Api, headers: dict[str, str]) -> None:
    for path in EVERYWHERE:
        for method in ("GET", "POST", "DELETE"):
            answer = await quick_api.ask(method, path, headers=headers)
            assert answer.status == 401, (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert API_TOKEN not in answer.text


async def test_the_token_opens_whatever_the_schemes_case(quick_api: Api) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert (await quick_api.get("/api/contacts", headers={"Authorization": f"{scheme} {API_TOKEN}"})).status == 200


async def test_two_tokens_open_nothing(quick_api: Api) -> None:
    raw = f"GET /api/contacts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {API_TOKEN}\r\n" * 1
    doubled = raw + "Authorization: Bearer wrong\r\nConnection: close\r\n\r\n"

    assert (await quick_api.send_raw(doubled.encode())).startswith(b"HTTP/1.1 401 ")


async def test_a_few_doors_are_open(quick_api: Api) -> None:
    assert (await quick_api.get("/health/live", headers={})).json == {"status": "live"}
    assert (await quick_api.get("/metrics", headers={})).status == 200
    for path in ("/voice", "/custom-voice", "/dtmf", "/call-status"):
        assert (await quick_api.ask("POST", path, headers={})).status != 401
    assert (await quick_api.get(f"/tts/audio/{'0' * 64}", headers={})).status == 404


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Host": "gdial.example.org"}],
)
async def test_metrics_are_for_this_machine_not_for_those_behind_a_proxy(
    public_api: Api, headers: dict[str, str]
) -> None:
    assert (await public_api.get("/metrics", headers=headers)).status == 401
    assert (await public_api.get("/metrics", headers={**headers, **AUTHORIZED})).status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:3003", 200),
        ("[::1]:3003", 200),
        ("gdial.example.org", 200),
        ("GDIAL.example.ORG:443", 200),
        ("gdial.example.org.", 200),
        ("gdial.internal", 200),
        ("evil.example", 421),
        ("gdial.example.org.evil.example", 421),
        ("10.0.0.1", 421),
        ("", 400),
        ("a b", 400),
        ("user@localhost", 400),
        ("localhost/path", 400),
        ("localhost:port", 400),
    ],
)
async def test_only_known_names_are_answered(public_api: Api, host: str, status: int) -> None:
    request = f"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"

    assert (await public_api.send_raw(request.encode())).startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_request_needs_one_host(public_api: Api) -> None:
    for lines in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
        request = b"GET /health/live HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n"
        assert (await public_api.send_raw(request)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        ("https://gdial.example.org", 201),
        ("https://gdial.internal", 201),
        ("{own}", 201),
        ("http://127.0.0.1:1", 403),
        ("http://localhost:5173", 403),
        ("https://evil.example", 403),
        ("https://gdial.example.org.evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("", 403),
    ],
)
async def test_pages_of_other_sites_change_nothing(public_api: Api, origin: str | None, status: int) -> None:
    headers = AUTHORIZED if origin is None else {**AUTHORIZED, "Origin": origin.replace("{own}", public_api.url)}

    assert (await public_api.post("/api/groups", {"name": "Night"}, headers=headers)).status == status
    assert (await public_api.get("/api/groups", headers=headers)).json["total"] == (1 if status == 201 else 0)


async def test_a_body_that_is_too_large_is_refused_by_its_announced_length(quick_api: Api) -> None:
    answer = await quick_api.ask("POST", "/api/groups", data=b" " * (1024 * 1024 + 1))
    head = f"POST /api/groups HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {API_TOKEN}\r\n"

    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await quick_api.send_raw((head + "Content-Length: 99999999999\r\n\r\n").encode())).startswith(
        b"HTTP/1.1 413 "
    )


async def test_a_body_of_unknown_length_is_cut_off(quick_api: Api) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 65536

    for path, kind in (("/api/groups", "application/json"), ("/voice", "application/x-www-form-urlencoded")):
        try:
            answer = await quick_api.ask("POST", path, data=endless(), headers={**AUTHORIZED, "Content-Type": kind})
        except aiohttp.ClientOSError:
            pytest.fail("the connection was cut before the answer")
        assert answer.status == 413, path


async def test_a_list_may_be_larger_than_other_bodies(quick_api: Api) -> None:
    row = "Karin Öst;070-123 45 67;" + "x" * 1000
    large = ("Namn;Mobil;Okänd\n" + f"{row}\n" * 2000).encode()
    too_large = b"Namn;Mobil\n" + b"Karin;070-123 45 67\n" * (MAX_UPLOAD_BYTES // 20 + 2000)

    assert (await quick_api.import_file(large)).json["created"] == 1
    assert (await quick_api.import_file(too_large)).status == 413


async def test_every_answer_is_guarded_against_browsers(quick_api: Api) -> None:
    answers = [
        await quick_api.get("/api/contacts"),
        await quick_api.get("/api/contacts", headers={}),
        await quick_api.get("/nothing"),
        await quick_api.post("/api/groups", {}),
        await quick_api.get("/health/live", headers={"Host": "evil.example"}),
    ]

    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers
