"""Reads a fault plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gdial.simulator.explaining import explain_mistake, read_json_file
from gdial.simulator.faults.plan import FAULT_NAMES, FaultPlan

EXAMPLE = '{"seed": 7, "faults": [{"does": "error", "share": 0.05}, {"does": "callback_lost", "share": 0.3}]}'


def read_fault_plan(path: Path) -> FaultPlan:
    """Read a plan's file; raises `InvalidInput` naming the file and the line or the field."""
    return parse_fault_plan(read_json_file(path, "fault plan", EXAMPLE), where=str(path))


def parse_fault_plan(data: Any, *, where: str = "") -> FaultPlan:
    """Make a plan of parsed JSON; raises `InvalidInput` naming the field."""
    try:
        return FaultPlan.model_validate(data)
    except ValidationError as error:
        raise explain_mistake(error, where, EXAMPLE, FAULT_NAMES) from error
