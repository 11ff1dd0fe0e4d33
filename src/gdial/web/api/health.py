"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel

from gdial.actions.watch_carrier import silence_of
from gdial.errors import CarrierUnavailable, GDialError, QueueUnavailable, SpeechUnavailable
from gdial.queue.jobs import QUEUES
from gdial.runtime import Runtime
from gdial.storage import migrate, probe
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.problems import problem

CHECK_SECONDS = 5.0

router = api_router("/health", "operation")


class Living(BaseModel):
    """`proof` answers a challenge: only this installation can make it."""

    status: Literal["live"] = "live"
    proof: str | None = None


class Part(BaseModel):
    """`detail` says what is wrong and what to do, "" when nothing is."""

    name: str
    status: Literal["ok", "failed"]
    detail: str


class Readiness(BaseModel):
    status: Literal["ready"] = "ready"
    parts: list[Part]


async def check_database(rt: Runtime) -> None:
    await probe.ask(rt.database)


async def check_migrations(rt: Runtime) -> None:
    await migrate.check(rt.database)


async def check_data_folder(rt: Runtime) -> None:
    await asyncio.to_thread(_write_into, rt.settings.data_dir)


async def check_audio_folder(rt: Runtime) -> None:
    await asyncio.to_thread(_write_into, rt.settings.audio_dir)


async def check_queue(rt: Runtime) -> None:
    if not rt.queue.is_connected:
        raise QueueUnavailable("away")
    await asyncio.gather(*(rt.queue.depth(name) for name in QUEUES))


async def check_carrier(rt: Runtime) -> None:
    async with rt.database.reading() as tx:
        for mode in rt.networks:
            silence = await silence_of(tx, rt, mode)
            if silence is not None:
                since = f"{silence.since:%Y-%m-%d %H:%M:%S} UTC"
                raise CarrierUnavailable(
                    f"the carrier of {mode} calls has not answered since {since} ({silence.why}); people wait, and are "
                    "rung when it answers"
                )


async def check_speech(rt: Runtime) -> None:
    trouble = rt.speech.health.trouble()
    if trouble is not None and trouble.is_mute:
        since = f"{trouble.since:%Y-%m-%d %H:%M:%S} UTC"
        raise SpeechUnavailable(f"no sound since {since} ({trouble.why}); the carrier's own voice speaks meanwhile")
    if trouble is not None:
        raise SpeechUnavailable(f"{trouble.why}; left alone for a while, another voice speaks meanwhile")


CHECKS: tuple[tuple[str, Callable[[Runtime], Awaitable[None]]], ...] = (
    ("database", check_database),
    ("migrations", check_migrations),
    ("data folder", check_data_folder),
    ("audio folder", check_audio_folder),
    ("queue", check_queue),
    ("carrier", check_carrier),
    ("speech", check_speech),
)
"""Each raises when its part cannot be used."""

ONLY_TOLD = frozenset({"speech"})
"""No process stops its work for it."""
CAN_DO_WITHOUT = ONLY_TOLD | {"queue", "carrier"}
"""The queue only says "look": what is true stands in the database, and a run can be started without it. For a carrier
that is away everybody waits; no other process would do better."""


Challenge = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$", description="Random, to be answered with a proof.")]


@router.get("/live", summary="Whether the process answers", response_model_exclude_none=True)
async def tell_live(rt: Rt, challenge: Challenge = None) -> Living:
    """Open without a token. Says nothing about the database or the queue."""
    return Living(proof=live_proof(rt.secret, challenge) if challenge else None)


def live_proof(secret: bytes, challenge: str) -> str:
    """What the installation with this secret answers; of no use anywhere else."""
    return hmac.new(secret, f"live:{challenge}".encode(), hashlib.sha256).hexdigest()


@router.get("/ready", summary="Whether the process can do its work", response_model=Readiness)
async def tell_ready(rt: Rt) -> Readiness | Response:
    """503 with the same `parts` when one of them cannot be used that the process needs; the queue, the carrier and
    a voice are only told of."""
    parts = [_with_fallback(part) for part in await examine_all(rt)]
    failed = [part for part in parts if part.status == "failed" and part.name not in CAN_DO_WITHOUT]
    if not failed:
        return Readiness(parts=parts)
    detail = "; ".join(f"{part.name}: {part.detail}" for part in failed)
    return problem(503, "not-ready", detail, parts=[part.model_dump() for part in parts])


def _with_fallback(part: Part) -> Part:
    if part.name != "queue" or part.status == "ok":
        return part
    return part.model_copy(update={"detail": f"{part.detail}; this process rings by itself until it is back"})


async def examine_all(rt: Runtime) -> list[Part]:
    return list(await asyncio.gather(*(_examine(name, check, rt) for name, check in CHECKS)))


async def _examine(name: str, check: Callable[[Runtime], Awaitable[None]], rt: Runtime) -> Part:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check(rt)
    except TimeoutError:
        return Part(name=name, status="failed", detail=f"no answer within {CHECK_SECONDS:g} seconds")
    except (GDialError, OSError) as error:
        return Part(name=name, status="failed", detail=str(error))
    return Part(name=name, status="ok", detail="")


def _write_into(folder: Path) -> None:
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not there")
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        file.flush()
        os.fsync(file.fileno())
