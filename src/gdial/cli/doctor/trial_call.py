"""`gdial doctor --call`: one call through the GDial that serves, told step by step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from gdial.cli.api import Api, open_api
from gdial.cli.target import Target

LONGEST_SECONDS = 120.0
LOOK_SECONDS = 0.3
NAME = "GDial test call"
WISH: dict[str, Any] = {
    "name": NAME,
    "text": "This is a test call from GDial. Press 1 if you can hear it.",
    "language": "en",
    "responses": {"1": {"label": "Heard", "reply": "Thank you. All is well."}},
    "policy": {"rounds": 1, "ring_timeout_seconds": 30, "deadline_minutes": 2},
    "priority": 10,
}
STATUS_TOLD = {
    "queued": "the carrier has taken it",
    "initiated": "the carrier is dialling",
    "ringing": "it rings",
    "in-progress": "somebody answered, and the carrier fetched the script from here",
    "completed": "the call has ended",
    "busy": "the line is busy",
    "no-answer": "nobody answered",
    "failed": "the carrier could not put the call through",
    "canceled": "the call was called off",
}


async def make_trial_call(target: Target, number: str, *, mode: str, tell: Callable[[str], None]) -> bool:
    """Whether somebody heard it and pressed 1. The contact made for it is removed; the run stays in the list.

    Hung up after LONGEST_SECONDS. Raises ApiRefusal, NotRunning.
    """
    began_at = time.monotonic()

    def told(text: str) -> None:
        tell(f"{time.monotonic() - began_at:5.1f} s  {text}")

    async with open_api(target) as api:
        contact = await api.post("/api/contacts", {"name": NAME, "phone_numbers": [{"number": number}]})
        try:
            run_id = (await api.post("/api/calls", WISH | {"contact_id": contact["id"], "mode": mode}))["id"]
            told("GDial has it, and will ring at once")
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    return await _follow(api, run_id, told)
            except TimeoutError:
                told(f"not over after {LONGEST_SECONDS:g} s: hung up")
                return False
            finally:
                await _end(api, run_id)
        finally:
            await api.delete(f"/api/contacts/{contact['id']}")


async def _follow(api: Api, run_id: str, told: Callable[[str], None]) -> bool:
    known: dict[str, Any] = {}
    while True:
        run = await api.get(f"/api/runs/{run_id}")
        for call in (await api.get(f"/api/runs/{run_id}/calls"))["items"]:
            _tell_news(call, known, told)
        if run["ended_at"] or run["state"] == "paused":
            was_heard: bool = run["answers"].get("1") == 1
            told("it works: the key came back" if was_heard else f"no key came back{_why(run)}")
            return was_heard
        await asyncio.sleep(LOOK_SECONDS)


def _tell_news(call: dict[str, Any], known: dict[str, Any], told: Callable[[str], None]) -> None:
    """In the order in which they happen; a step that was passed between two looks is told, too."""
    news = {
        "created": "the call is created" if call["call_sid"] else None,
        "answered": STATUS_TOLD["in-progress"] if call["answered_at"] else None,
        "digits": f"key {call['digits']} pressed" if call["digits"] else None,
        f"status {call['status']}": STATUS_TOLD.get(call["status"] or "") if call["status"] != "in-progress" else None,
        "error": f"the carrier says: {call['error']}" if call["error"] else None,
    }
    for step, text in news.items():
        if text and step not in known:
            known[step] = True
            told(text)


def _why(run: dict[str, Any]) -> str:
    return f": {run['paused_because']}" if run["paused_because"] else ""


async def _end(api: Api, run_id: str) -> None:
    """The contact can only be removed when nobody rings it any more."""
    run = await api.get(f"/api/runs/{run_id}")
    if not run["ended_at"]:
        await api.post(f"/api/runs/{run_id}/stop", {"hang_up": True})
