"""What people who watch cost: measured as processor time, which a busy machine does not change much."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
LARGEST_SHARE_PERCENT = 10.0


@pytest.mark.alone
def test_twenty_viewers_of_a_busy_run_cost_a_tenth_of_a_core_at_most() -> None:
    command = [sys.executable, "-m", "benchmarks.board", "20", "sqlite", "2000", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    told = re.search(r"each was told ([1-9][\d.]*) times a second", done.stdout)
    assert told, done.stdout
    cost = re.search(r"cost of 20 viewers: (-?[\d.]+)%", done.stdout)
    assert cost, done.stdout
    assert float(cost[1]) <= LARGEST_SHARE_PERCENT, done.stdout
