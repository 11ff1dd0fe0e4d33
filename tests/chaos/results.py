"""The results of all seeds, a line of JSON each; the newest of a seed counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.chaos.trial import Result


class Results:
    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[dict[str, Any]]:
        """The newest result of each seed, by seed."""
        if not self._file.exists():
            return []
        newest = {line["seed"]: line for line in map(json.loads, self._file.read_text("utf-8").splitlines())}
        return [newest[seed] for seed in sorted(newest)]

    def passed(self, seed: int) -> dict[str, Any] | None:
        """Its newest result, if that one was good."""
        return next((line for line in self.all() if line["seed"] == seed and not line["findings"]), None)

    def add(self, result: Result) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result.to_json()) + "\n")
