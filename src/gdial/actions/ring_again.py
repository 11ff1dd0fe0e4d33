"""Ring those whom a run did not reach: a new run from what is left of an old one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gdial.actions.prepare_run import RunWish
from gdial.actions.start_run import IdempotencyKey, StartedRun, start_run
from gdial.dialing.brakes import Starter
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput
from gdial.runtime import Runtime
from gdial.storage import runs
from gdial.storage.runs import Run

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class AgainWish:
    """What is None, and what the policy does not name, is as in the run before."""

    name: str | None = None
    message_id: UUID | None = None
    text: str | None = None
    language: str | None = None
    responses: Mapping[str, Mapping[str, str]] | None = None
    policy: Mapping[str, object] = field(default_factory=dict)
    priority: int | None = None
    mode: RunMode | None = None


async def ring_again(
    rt: Runtime, run_id: UUID, wish: AgainWish, started_by: Starter, key: IdempotencyKey | None = None
) -> StartedRun:
    """Raises NotFound; InvalidInput when everybody was reached, or the old words were cleared and none are given;
    and as `start_run`."""
    async with rt.database.reading() as tx:
        before = await runs.get(tx, run_id)
    return await start_run(rt, again_wish(before, wish, started_by), key)


def again_wish(before: Run, wish: AgainWish, started_by: Starter) -> RunWish:
    return RunWish(
        name=wish.name or f"{before.name[: MAX_NAME_CHARACTERS - 10]}, again",
        not_reached_in=before.id,
        policy={**before.policy.to_json(), **wish.policy},
        priority=wish.priority or before.priority,
        mode=wish.mode or before.mode,
        started_by=started_by,
        **_words(before, wish),
    )


def _words(before: Run, wish: AgainWish) -> dict[str, Any]:
    if wish.message_id is not None or wish.text is not None:
        return {
            "message_id": wish.message_id,
            "text": wish.text,
            "language": wish.language,
            "responses": wish.responses or {},
        }
    if not before.text:
        raise InvalidInput("what that run said was cleared; say what is to be said", where="text")
    return {
        "text": before.text,
        "language": before.language,
        "responses": before.responses,
        "translations": before.translations,
    }
