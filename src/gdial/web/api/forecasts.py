"""`/api/runs/forecast`: what a run would take; `/api/runs/{id}/again`: ring those whom a run did not reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from gdial.actions.brakes import find_overlaps
from gdial.actions.forecast_run import RunForecast, forecast_run
from gdial.actions.ring_again import AgainWish, ring_again
from gdial.dialing.brakes import Starter
from gdial.dialing.states import RunMode
from gdial.web.access.current import Operator as Who
from gdial.web.access.current import starter_of
from gdial.web.api.run_shapes import Name, NewRun, Responses, StartedShape, Text
from gdial.web.api.runs import Key, Operator, idempotency_key
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/api/runs", "runs")


class CrowdShape(BaseModel):
    """`numbers` are those that can be rung; `shared_numbers` belong to several people; `not_in_register` people are
    known by the pasted list alone."""

    people: int
    can_be_rung: int
    without_number: int
    with_bad_numbers_only: int
    numbers: int
    bad_numbers: int
    shared_numbers: int
    not_in_register: int


class CostShape(BaseModel):
    currency: str
    expected: float
    at_most: float


class LineErrorShape(BaseModel):
    line: int
    column: str
    value: str
    reason: str


class ForecastShape(BaseModel):
    """Seconds from the start: until everybody has been rung once, and until the rounds are over if nobody is reached,
    which the deadline may cut short. An estimate: other runs take lines and pace too."""

    crowd: CrowdShape
    calls_per_second: float = Field(description="What the pace and the lines come to.")
    tried_once_seconds: float
    all_tried_in_time: bool = Field(description="Whether everybody is rung once before the deadline.")
    longest_seconds: float
    is_cut_short: bool
    calls_expected: int
    calls_at_most: int
    cost: CostShape | None = Field(description="null where no price is set (PRICE_PER_CALL, PRICE_PER_MINUTE).")
    policy: dict[str, Any]
    list_errors: list[LineErrorShape]

    @classmethod
    def of(cls, told: RunForecast) -> ForecastShape:
        found = told.forecast
        crowd = {name: getattr(found.crowd, name) for name in CrowdShape.model_fields if name != "not_in_register"}
        same = ("all_tried_in_time", "is_cut_short", "calls_expected", "calls_at_most")
        cost = None
        if found.cost_expected is not None and found.cost_at_most is not None:
            cost = CostShape(currency=told.currency, expected=found.cost_expected, at_most=found.cost_at_most)
        return cls(
            crowd=CrowdShape(**crowd, not_in_register=told.not_in_register),
            calls_per_second=round(found.calls_per_second, 3),
            tried_once_seconds=round(found.tried_once_seconds, 1),
            longest_seconds=round(found.longest_seconds, 1),
            cost=cost,
            policy=told.policy.to_json(),
            list_errors=[LineErrorShape(**error.to_json()) for error in told.list_errors],
            **{name: getattr(found, name) for name in same},
        )


class AgainShape(BaseModel):
    """What is not given is as in the run before; of its own text, also the responses and translations."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    message_id: UUID | None = None
    text: Text | None = None
    language: str | None = Field(default=None, min_length=2, max_length=20)
    responses: Responses | None = None
    policy: dict[str, Any] = Field(default_factory=dict)
    priority: int | None = Field(default=None, ge=1, le=10)
    mode: RunMode | None = None

    def wish(self) -> AgainWish:
        return AgainWish(**{name: getattr(self, name) for name in type(self).model_fields})


@router.post("/forecast")
async def forecast(wish: NewRun, rt: Rt) -> ForecastShape:
    """What starting this would take; nothing is stored and nobody is rung."""
    return ForecastShape.of(await forecast_run(rt, wish.wish(Starter.OPERATOR)))


@router.api_route("/forecast", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def take_only_posts() -> None:
    """Else this address would be taken for a run with an odd id."""
    raise HTTPException(405)


@router.post("/{run_id}/again", status_code=202)
async def again(
    run_id: UUID, rt: Rt, actor: Who, wish: AgainShape | None = None, key: Key = None, operator: Operator = None
) -> StartedShape:
    """Start a run to those whom this one did not reach; who still waits in it is left to it."""
    wish = wish or AgainShape()
    starter = starter_of(actor, operator, Starter.PROGRAM)
    started = await ring_again(rt, run_id, wish.wish(), starter, idempotency_key(key, wish, about=run_id))
    return StartedShape.of(started, await find_overlaps(rt, started.run))
