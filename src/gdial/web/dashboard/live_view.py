"""What the live page shows of a run: read in one go, told to every viewer alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gdial.actions.show_run import RunView
from gdial.dialing.states import RunState
from gdial.runtime import Runtime
from gdial.storage import run_figures
from gdial.storage.runs import Run
from gdial.web.dashboard.run_words import RUN_STATES, Word

MOST_POINTS = 120
ROWS_OF_TABLE = 12
STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)


@dataclass(frozen=True, slots=True)
class Curve:
    """People reached until each of these moments, first to last; empty before the run began."""

    at: tuple[datetime, ...] = ()
    reached: tuple[int, ...] = ()

    def to_json(self) -> dict[str, list[float]]:
        """Seconds since 1970, and people: as the page's curve takes it."""
        return {"at": [round(moment.timestamp(), 3) for moment in self.at], "reached": list(self.reached)}

    def thinned(self) -> list[tuple[datetime, int]]:
        """Few enough points for a table; the last is among them."""
        points = list(zip(self.at, self.reached, strict=True))
        stride = -(-len(points) // ROWS_OF_TABLE) or 1
        return points[::-1][::stride][::-1]


@dataclass(frozen=True, slots=True)
class AnswerCount:
    key: str
    label: str
    people: int


@dataclass(frozen=True, slots=True)
class Figures:
    view: RunView
    answers: Sequence[AnswerCount]
    percent_done: int
    state: Word


def figures_of(view: RunView) -> Figures:
    ended = view.counts.reached + view.counts.not_reached + view.counts.stopped
    percent = 100 * ended // view.counts.recipients if view.counts.recipients else 0
    return Figures(view, _answers_of(view), percent, RUN_STATES[view.run.state])


def _answers_of(view: RunView) -> list[AnswerCount]:
    """Every key of the message, pressed or not, then those pressed that it does not name."""
    keys = [*view.run.responses, *(key for key in view.answers if key not in view.run.responses)]
    return [AnswerCount(key, label_of(view.run, key), view.answers.get(key, 0)) for key in keys]


def label_of(run: Run, key: str) -> str:
    return str(run.responses.get(key, {}).get("label") or key)


def is_settled(view: RunView) -> bool:
    """Nothing moves in it any more but for a key that comes late."""
    over = view.run.state in (RunState.DONE, RunState.STOPPED)
    return over and not view.counts.calling and not view.counts.waiting


async def read_curve(rt: Runtime, run: Run) -> Curve:
    if run.started_at is None:
        return Curve()
    last = run.ended_at or rt.clock()
    step = _step_seconds((last - run.started_at).total_seconds())
    async with rt.database.reading() as tx:
        counted = await run_figures.reached_by_time(tx, run.id, step)
    return _summed(counted, run.started_at, last, step)


def _step_seconds(span_seconds: float) -> int:
    return next((step for step in STEPS_SECONDS if span_seconds / step <= MOST_POINTS), STEPS_SECONDS[-1])


def _summed(counted: Sequence[tuple[datetime, int]], first: datetime, last: datetime, step: int) -> Curve:
    """With a point where each rise begins, so that a pause is level and no slope."""
    at, reached, total = [first], [0], 0
    for moment, number in counted:
        begins, ends = max(moment, first), datetime.fromtimestamp(moment.timestamp() + step, UTC)
        if begins > at[-1]:
            at.append(begins)
            reached.append(total)
        total += number
        at.append(max(min(ends, last), at[-1]))
        reached.append(total)
    if last > at[-1]:
        at.append(last)
        reached.append(total)
    return Curve(tuple(at), tuple(reached))
