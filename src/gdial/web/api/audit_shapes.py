"""What an audit found, as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from gdial.actions.audit_differences import Difference, Kind
from gdial.actions.audit_run import AuditProgress, AuditResult
from gdial.dialing.states import RunMode, RunState
from gdial.errors import TemporaryError

NDJSON = "application/x-ndjson"


class DifferenceShape(BaseModel):
    """`call_id` is null for a call that GDial does not know, `sid` where the carrier named none."""

    kind: Kind
    name: str
    number: str
    ours: str
    theirs: str
    call_id: UUID | None
    sid: str | None
    at: AwareDatetime | None

    @classmethod
    def of(cls, difference: Difference) -> DifferenceShape:
        return cls(**{name: getattr(difference, name) for name in cls.model_fields})


class AuditShape(BaseModel):
    """`agrees`: nothing differs. `not_listed` calls were found by asking only: the carrier's list lagged."""

    run_id: UUID
    mode: RunMode
    state: RunState
    agrees: bool
    calls_here: int
    calls_there: int
    without_call: int
    not_listed: int
    keys_checked: int
    keys_unchecked: int
    questions: int
    numbers_cleared: bool
    differences: list[DifferenceShape]

    @classmethod
    def of(cls, result: AuditResult) -> AuditShape:
        named = {name: getattr(result, name) for name in cls.model_fields if hasattr(result, name)}
        named["differences"] = [DifferenceShape.of(difference) for difference in result.differences]
        return cls(**named, run_id=result.run.id, mode=result.run.mode, state=result.run.state)


async def last_of(audit: AsyncGenerator[AuditProgress | AuditResult]) -> AuditShape:
    result = [step async for step in audit if isinstance(step, AuditResult)]
    return AuditShape.of(result[-1])


async def lines_of(audit: AsyncGenerator[AuditProgress | AuditResult]) -> AsyncIterator[bytes]:
    """One JSON object a line: `progress` any number of times, then `result`, or `error` when it cannot go on."""
    try:
        async for step in audit:
            if isinstance(step, AuditResult):
                yield _line("result", AuditShape.of(step).model_dump(mode="json"))
            else:
                yield _line("progress", {"stage": step.stage, "done": step.done, "total": step.total})
    except TemporaryError as error:
        yield _line("error", str(error))


def _line(name: str, value: object) -> bytes:
    return json.dumps({name: value}, ensure_ascii=False).encode() + b"\n"
