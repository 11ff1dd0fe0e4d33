"""`/api/queues` over a real broker: what waits is told, and what nobody could do is shown, sent back or thrown away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from gdial.queue.dead_letters import lay_aside
from gdial.queue.jobs import CALL_SINGLE, DEAD, QUEUES, TTS
from gdial.queue.rabbitmq import RabbitQueue
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.workers.tts import run_tts_worker
from tests.ports.queue_port import take, take_all
from tests.support.ports import free_port
from tests.support.runtime import opened_runtime
from tests.support.web import Api, served

REASON = "CallJob.contact_id: Input should be a valid UUID"
NO_UTF8 = "caf\N{REPLACEMENT CHARACTER}"

RUBBISH: dict[bytes, str] = {
    b"call Karin, please": "TtsJob.body: Invalid JSON",
    b"": "TtsJob.body: Invalid JSON",
    json.dumps({"text_content": 5}).encode(): "TtsJob.text_content: Input should be a valid string",
    json.dumps({"call_run_id": str(uuid4())}).encode(): "there is no ",
    json.dumps({"text_content": "x" * 5_000_000}).encode(): "body: is too big: 50000",
    json.dumps({"text_content": "Hej", "voice_of": "Karin"}).encode(): "TtsJob.voice_of: Extra inputs are not",
    bytes(range(256)): "TtsJob.body: Invalid JSON",
    b"[" * 200_000: "TtsJob.body: Invalid JSON: recursion limit exceeded",
    json.dumps({"version": 2, "text_content": "Hej"}).encode(): "TtsJob.version: Input should be 1",
    json.dumps([{"text_content": "Hej"}]).encode(): "TtsJob.body: Input should be an object",
}


@pytest.fixture
async def rt(make_settings: Callable[..., Settings], rabbitmq_url: str) -> AsyncIterator[Runtime]:
    """A process on SQLite and RabbitMQ."""
    queue = await RabbitQueue.open(rabbitmq_url)
    async with opened_runtime(make_settings()) as opened:
        yield replace(opened, queue=queue)
    await queue.close()


@pytest.fixture
async def api(rt: Runtime) -> AsyncIterator[Api]:
    async with served(rt) as running:
        yield running


async def letters(api: Api) -> list[dict[str, Any]]:
    answer = await api.get("/api/queues/dead")
    assert answer.status == 200, answer.text
    assert answer.json["total"] == len(answer.json["items"])
    items: list[dict[str, Any]] = answer.json["items"]
    return items


async def test_what_waits_is_told(rt: Runtime, api: Api) -> None:
    await rt.queue.publish(CALL_SINGLE, b"1")
    await rt.queue.publish(CALL_SINGLE, b"2")
    await lay_aside(rt.queue, CALL_SINGLE, b"x", REASON, rt.clock())
    told = (await api.get("/api/queues")).json
    assert [it["name"] for it in told["items"]] == list(QUEUES)
    assert {it["name"]: it["depth"] for it in told["items"] if it["depth"]} == {CALL_SINGLE: 2, DEAD: 1}
    assert (told["total"], told["dead_letters"]) == (5, 1)


async def test_a_letter_is_shown_as_it_came(rt: Runtime, api: Api) -> None:
    await lay_aside(rt.queue, CALL_SINGLE, b"caf\xe9", REASON, rt.clock())
    await lay_aside(rt.queue, TTS, b"x" * 10_000, "is too big: Åsa" + "!" * 5_000, rt.clock())
    await rt.queue.publish(DEAD, b"laid here by another program")
    first, second, third = await letters(api)
    assert (first["queue"], first["reason"], first["at"]) == (CALL_SINGLE, REASON, rt.clock().isoformat())
    assert (first["body"], first["size"]) == (NO_UTF8, 4)
    assert (second["body"], second["size"], second["reason"][:15]) == ("x" * 4096, 10_000, "is too big: Åsa")
    assert (third["queue"], third["reason"], third["at"]) == ("", "", "")
    page = (await api.get("/api/queues/dead?limit=1&offset=1")).json
    assert (page["total"], [it["id"] for it in page["items"]]) == (3, [second["id"]])


async def test_a_letter_goes_back_where_it_came_from(rt: Runtime, api: Api) -> None:
    for body in (b"mended", b"other"):
        await lay_aside(rt.queue, TTS, body, REASON, rt.clock())
    mended, other = await letters(api)
    answer = await api.post(f"/api/queues/dead/{mended['id']}/replay")
    assert (answer.status, answer.json) == (200, {"letters": 1, "queues": [TTS]})
    assert await take_all(await rt.queue.consume(TTS, 1), 1) == [b"mended"]
    assert [letter["id"] for letter in await letters(api)] == [other["id"]]
    assert (await api.post(f"/api/queues/dead/{mended['id']}/replay")).status == 404
    assert (await api.post("/api/queues/dead/nothing/replay")).status == 422
    assert (await api.ask("DELETE", "/api/queues/replay")).status == 405


async def test_a_letter_is_thrown_away(rt: Runtime, api: Api) -> None:
    for body in (b"rubbish", b"other"):
        await lay_aside(rt.queue, TTS, body, REASON, rt.clock())
    rubbish, other = await letters(api)
    assert (await api.ask("DELETE", f"/api/queues/dead/{rubbish['id']}")).json == {"letters": 1, "queues": [TTS]}
    assert [letter["id"] for letter in await letters(api)] == [other["id"]]
    assert await rt.queue.depth(TTS) == 0


async def test_all_letters_go_at_once(rt: Runtime, api: Api) -> None:
    for place in range(3):
        await lay_aside(rt.queue, TTS, str(place).encode(), REASON, rt.clock())
    await rt.queue.publish(DEAD, b"from nowhere")
    assert (await api.post("/api/queues/replay")).json == {"letters": 3, "queues": [TTS]}
    [left] = await letters(api)
    assert left["body"] == "from nowhere"
    assert (await api.post(f"/api/queues/dead/{left['id']}/replay")).status == 409
    assert (await api.ask("DELETE", "/api/queues/dead")).json == {"letters": 1, "queues": [""]}
    assert await letters(api) == []


async def test_without_a_broker_the_answer_is_to_try_again(make_settings: Callable[..., Settings]) -> None:
    queue = await RabbitQueue.open(f"amqp://guest:guest@127.0.0.1:{free_port()}/", wait=False)
    async with opened_runtime(make_settings()) as opened, served(replace(opened, queue=queue)) as api:
        answers = await asyncio.gather(api.get("/api/queues"), api.get("/api/queues/dead"))
    await queue.close()
    assert [(answer.status, answer.json["type"]) for answer in answers] == [(503, "urn:gdial:try-again")] * 2
    assert "guest" not in answers[0].text


async def test_rubbish_is_laid_aside_with_its_reason_and_the_jobs_between_are_done(rt: Runtime, api: Api) -> None:
    for place, body in enumerate(RUBBISH):
        await rt.queue.publish(TTS, json.dumps({"text_content": f"Hej {place}", "language": "sv"}).encode())
        await rt.queue.publish(TTS, body)
    stop = asyncio.Event()
    working = asyncio.create_task(run_tts_worker(rt, 1, stop))
    dead = await rt.queue.consume(DEAD, len(RUBBISH))
    laid_aside = {}
    for _ in RUBBISH:
        letter = await take(dead)
        laid_aside[letter.body] = letter.headers["x-gdial-reason"]
    await dead.close()
    stop.set()
    await working
    assert set(laid_aside) == set(RUBBISH)
    assert {body[:60]: laid_aside[body] for body in RUBBISH if not laid_aside[body].startswith(RUBBISH[body])} == {}
    # One at a time and the last one bad: the good ones are done.
    assert await rt.queue.depth(TTS) == 0
    spoken = [file for file in rt.settings.audio_dir.rglob("*") if file.is_file()]
    assert len(spoken) >= len(RUBBISH)
    assert (await api.get("/api/queues")).json["dead_letters"] == len(RUBBISH)
