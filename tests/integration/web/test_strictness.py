"""Whatever is sent: an answer that says what is wrong, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.support.runtime import opened_runtime
from tests.support.services import private_postgres
from tests.support.web import AUTHORIZED, Api, served

JSON_HEADERS = {**AUTHORIZED, "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        (b"", "body", "is missing"),
        (b"{", "body", "is not JSON"),
        (b"{'name': 1}", "body", "is not JSON"),
        (b"[]", "body", "must be an object"),
        (b"null", "body", "must be an object"),
        (b'"text"', "body", "must be an object"),
        (b'{"name": "a\\u0000b"}', "name", "NUL"),
        (b'{"na\\u0000me": "x"}', "body", "NUL"),
        (b'{"name": "\\ud800"}', "name", "surrogate"),
        (b'{"name": "\xff"}', "body", "UTF-8"),
        (b'{"name": "\x00"}', "body", "is not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "body", "nested"),
        (b'{"name": "x", "contact_ids": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "body", "nested"),
        (b'{"name": ' + b"9" * 10_000 + b"}", "body", "digits"),
        (b'{"name": NaN}', "body", "NaN"),
        (b'{"name": -Infinity}', "body", "Infinity"),
        (b'{"name": 1e999}', "name", "must be text"),
        (b'\xef\xbb\xbf{"name": "x"}', "body", "is not JSON"),
    ],
)
async def test_broken_json_is_told_by_field(api: Api, body: bytes, field: str, told: str) -> None:
    answer = await api.ask("POST", "/api/groups", data=body, headers=JSON_HEADERS)

    assert answer.status == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["errors"][0]["field"] == field
    assert told in answer.json["errors"][0]["reason"]


async def test_whole_characters_beyond_the_first_plane_are_text(api: Api) -> None:
    answer = await api.ask("POST", "/api/groups", data=b'{"name": "Fire \\ud83d\\udd25"}', headers=JSON_HEADERS)

    assert (answer.status, answer.json["name"]) == (201, "Fire \U0001f525")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
async def test_json_must_say_that_it_is(quick_api: Api, content_type: str) -> None:
    headers = {**AUTHORIZED, "Content-Type": content_type}

    answer = await quick_api.ask("POST", "/api/groups", data=b'{"name": "x"}', headers=headers)

    assert answer.status == 422
    assert "application/json" in answer.json["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("offset=-1", "offset"),
        ("offset=1.5", "offset"),
        ("offset=99999999999999999999999999", "offset"),
        (f"offset={'9' * 5000}", "offset"),
        ("search=%00", "search"),
        ("search=" + "x" * 201, "search"),
        ("group_id=night", "group_id"),
        ("serach=karin", "serach"),
        ("=x", "query"),
    ],
)
async def test_a_wrong_query_is_told_by_field(api: Api, query: str, field: str) -> None:
    answer = await api.get(f"/api/contacts?{query}")

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("moment", ["0.5", "1767225600", "2026", "2026-03-01", "2026-03-01T04:00", "yesterday", ""])
async def test_a_moment_is_a_date_and_a_time_with_its_zone(quick_api: Api, moment: str) -> None:
    asked = await quick_api.get("/api/log.csv", params={"until": moment})
    begun = await quick_api.ask("POST", "/api/runs", json={"name": "Brand", "text": "Brand", "scheduled_at": moment})

    for answer, field in ((asked, "until"), (begun, "scheduled_at")):
        told = answer.json["errors"][0]
        assert (answer.status, told["field"]) == (422, field)
        assert "2026-03-01T04:00:00+01:00" in told["reason"] + told["example"]


@pytest.mark.parametrize("query", ["search=%ff", "search=%ed%a0%80", "offset=1000000000", "search=%25%5c", "limit=500"])
async def test_an_odd_query_finds_nothing(api: Api, query: str) -> None:
    answer = await api.get(f"/api/contacts?{query}")

    assert (answer.status, answer.json["items"]) == (200, [])


@pytest.mark.parametrize("name", ["x", "%00", "%ff", "1" * 5000, "00000000-0000-0000-0000-00000000000g"])
async def test_an_id_that_is_none_is_told(api: Api, name: str) -> None:
    answer = await api.get(f"/api/contacts/{name}")

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "contact_id")


async def test_what_is_not_there_is_404_and_what_is_not_taken_405(quick_api: Api) -> None:
    nowhere = await quick_api.get("/api/contact")
    with_slash = await quick_api.get("/api/contacts/")
    not_taken = await quick_api.ask("DELETE", "/api/contacts")

    for answer in (nowhere, with_slash, not_taken):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(answer.json) == {"type", "title", "status", "detail"}
    assert [answer.status for answer in (nowhere, with_slash, not_taken)] == [404, 404, 405]
    assert not_taken.headers["Allow"] == "GET, POST"


async def test_a_fault_of_ours_is_told_by_an_id_and_nothing_else(
    make_settings: Callable[..., Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that no version of GDial wrote: no sender can help that."""
    async with opened_runtime(make_settings()) as rt, served(rt) as api:
        made = await api.make("/api/messages", {"name": "Fire", "text": "Fire."})
        async with rt.database.transaction() as tx:
            await tx.execute(text("UPDATE messages SET created_at = 'yesterday'"))
        answer = await api.get(f"/api/messages/{made['id']}")

    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail", "error_id"}
    assert "yesterday" not in answer.text
    assert "Traceback" not in answer.text
    logged = "".join(capsys.readouterr())
    assert answer.json["error_id"] in logged
    assert "yesterday" in logged


async def test_a_database_that_is_away_asks_for_patience(make_settings: Callable[..., Settings]) -> None:
    with private_postgres() as postgres:
        async with opened_runtime(make_settings(database_url=postgres.create_database())) as rt, served(rt) as api:
            postgres.server.kill()
            away = await api.get("/api/contacts")
            not_ready = await api.get("/health/ready")
            alive = await api.get("/health/live")
            postgres.server.start()
            back = await api.get("/api/contacts")

    assert (away.status, away.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(away.headers["Retry-After"]) > 0
    assert (not_ready.status, not_ready.json["parts"][0]["status"]) == (503, "failed")
    assert (alive.status, back.status) == (200, 200)


async def test_the_log_tells_the_route_and_nothing_of_the_people(
    quick_api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await quick_api.make("/api/contacts", {"name": "Karin", "phone_numbers": [{"number": "070-1234567"}]})
    capsys.readouterr()

    await quick_api.get(f"/api/contacts/{made['id']}")
    await quick_api.get("/api/contacts?search=hemligt")
    await quick_api.get("/api/secret-path?token=abc")

    logged = "".join(capsys.readouterr())
    assert "route=/api/contacts/{contact_id} status=200" in logged
    assert "route=- status=404" in logged
    for private in (made["id"], "hemligt", "secret-path", "abc"):
        assert private not in logged


async def test_health_tells_what_is_wrong(api: Api, runtime: Runtime) -> None:
    ready = await api.get("/health/ready")
    runtime.settings.audio_dir.rename(runtime.settings.audio_dir.with_name("elsewhere"))
    async with runtime.database.transaction() as tx:
        await tx.execute(text("DELETE FROM alembic_version"))

    not_ready: Any = await api.get("/health/ready")

    parts = ["database", "migrations", "data folder", "audio folder", "queue", "carrier", "speech"]
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert [(part["name"], part["status"]) for part in ready.json["parts"]] == [(name, "ok") for name in parts]
    assert not_ready.status == 503
    assert [part["status"] for part in not_ready.json["parts"]] == ["ok", "failed", "ok", "failed", "ok", "ok", "ok"]
    assert "gdial db upgrade" in not_ready.json["detail"]


async def test_metrics_carry_the_promised_names(quick_api: Api) -> None:
    exposed = (await quick_api.get("/metrics")).text

    for series in (
        'gdial_queue_depth{queue_name="gdial.call.single"} 0.0',
        'gdial_jobs_processed_total{job_type="call",status="success"}',
        'gdial_jobs_processed_total{job_type="tts",status="error"}',
        'gdial_processing_time_bucket{job_type="batch",le="+Inf"}',
        'gdial_worker_count{worker_type="scheduler"}',
    ):
        assert series in exposed
