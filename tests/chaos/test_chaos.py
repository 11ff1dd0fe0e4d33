"""A short trial in the everyday suite; `make chaos` runs long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.plan import SHORT
from tests.chaos.trial import run_trial

SEED = 1


@pytest.mark.chaos
@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(SHORT.most_seconds + 120)
async def test_whatever_is_killed_nobody_is_lost_nor_rung_twice(tmp_path: Path) -> None:
    result = await run_trial(SEED, SHORT, tmp_path)
    assert result.findings == [], f"again: make chaos SEED={SEED} ARGS=--short"
    assert result.calls >= SHORT.people * 0.9
    assert sum(result.killed.values()) >= sum(SHORT.strikes.values()) / 2
