"""One run that is watched: read a little more often than once a second, rendered once a language for everybody."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from jinja2 import Environment

from gdial.actions.show_run import RunView, show_run
from gdial.errors import NotFound, TemporaryError
from gdial.runtime import Runtime
from gdial.web.dashboard.live_view import Curve, figures_of, is_settled, read_curve

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.7
SETTLED_LOOK_SECONDS = 5.0
CURVE_REST_SECONDS = 3.0
PEOPLE_REST_SECONDS = 5.0
SUMMARY_REST_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it was told last: in which version, what, and when by this process's clock."""

    version: int
    value: object
    at: float


class LiveRun:
    """`version` grows with every change that is told; `viewers` are woken by it. `is_over`: nothing more is told."""

    def __init__(self, rt: Runtime, environments: Mapping[str, Environment], run_id: UUID) -> None:
        self._rt = rt
        self._environments = environments
        self._run_id = run_id
        self.version = 0
        self.is_over = False
        self.viewers: set[asyncio.Event] = set()
        self._view: RunView | None = None
        self._curve = Curve()
        self._told: dict[str, Told] = {}
        self._rendered: dict[tuple[str, str], tuple[int, str]] = {}
        self._written: dict[tuple[str, int], bytes] = {}

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Until `stop`, or until the run is gone."""
        try:
            while not stop.is_set() and not self.is_over:
                began = time.perf_counter()
                await self.look()
                settled = self._view is not None and is_settled(self._view)
                took = time.perf_counter() - began
                # However slowly it is read, half of the time is left alone.
                pause = SETTLED_LOOK_SECONDS if settled else max(LOOK_SECONDS - took, took)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
        finally:
            self.is_over = True
            self._wake()

    async def look(self) -> None:
        """Read, and tell what has changed since the last look."""
        try:
            view = await show_run(self._rt, self._run_id)
            await self._compare(view)
            self._tell("trouble", False)
        except TemporaryError as error:
            log.warning("viewers of a run are shown old figures", run=str(self._run_id), why=str(error))
            self._tell("trouble", True)
        except NotFound:
            self.is_over = True
        if any(told.version > self.version for told in self._told.values()):
            self.version += 1
            self._written.clear()
            self._wake()

    async def _compare(self, view: RunView) -> None:
        before, self._view = self._view, view
        if self._tell("curve", (view.counts.reached, view.run.started_at, view.run.ended_at), CURVE_REST_SECONDS):
            self._curve = await read_curve(self._rt, view.run)
            self._tell("curve_table", self._curve)
        turned = before is None or before.run.state is not view.run.state
        self._tell("figures", view)
        self._tell("state", view.run.state)
        self._tell("people", view, PEOPLE_REST_SECONDS)
        self._tell("summary", view, 0.0 if turned else SUMMARY_REST_SECONDS)

    def _tell(self, name: str, value: object, rest_seconds: float = 0.0) -> bool:
        """Whether this is told: it is new, and the last time is long enough ago; else it is told later."""
        now = time.monotonic()
        before = self._told.get(name)
        if before is not None and (before.value == value or now - before.at < rest_seconds):
            return False
        self._told[name] = Told(self.version + 1, value, now)
        return True

    def told_since(self, language: str, seen: int) -> bytes:
        """The events that changed after the version `seen`, ready to be sent; all of them after 0."""
        place = (language, seen)
        if place not in self._written:
            changed = [name for name, told in self._told.items() if told.version > seen]
            self._written[place] = "".join(self._event(name, language) for name in changed).encode()
        return self._written[place]

    def _event(self, name: str, language: str) -> str:
        lines = "\n".join(f"data: {line}" for line in self._text(name, language).split("\n"))
        return f"event: {name}\nid: {self.version}\n{lines}\n\n"

    def _text(self, name: str, language: str) -> str:
        version = self._told[name].version
        kept = self._rendered.get((name, language))
        if kept is None or kept[0] != version:
            kept = version, RENDERING[name](self, self._environments[language])
            self._rendered[name, language] = kept
        return kept[1]

    def _part(self, environment: Environment, name: str) -> str:
        figures = figures_of(self._view) if self._view else None
        text = environment.get_template(f"live_{name}.html").render(figures=figures, curve=self._curve)
        return text.strip()

    def _trouble_text(self, environment: Environment) -> str:
        return self._part(environment, "trouble") if self._told["trouble"].value else ""

    def _wake(self) -> None:
        for viewer in self.viewers:
            viewer.set()


RENDERING: Mapping[str, Callable[[LiveRun, Environment], str]] = {
    "figures": lambda live, environment: live._part(environment, "figures"),
    "summary": lambda live, environment: live._part(environment, "summary"),
    "curve": lambda live, _: json.dumps(live._curve.to_json(), separators=(",", ":")),
    "curve_table": lambda live, environment: live._part(environment, "curve_table"),
    "trouble": LiveRun._trouble_text,
    "state": lambda live, _: str(live._told["state"].value),
    "people": lambda live, _: str(live._told["people"].version),
}
"""The data of each event. Those of `state` and `people` only say that there is something new to be got."""
