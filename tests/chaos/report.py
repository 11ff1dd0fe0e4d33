"""The table of the seeds in docs/explanation/reliability.md, made from the file of results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PAGE = Path("docs/explanation/reliability.md")
BEGINNING, END = "<!-- seeds: made by make chaos ARGS=--write-docs -->\n", "<!-- end of the seeds -->\n"
HEADINGS = "| seed | killed | faults | calls | unknowns settled | reached | not reached | seconds | findings |"


def write_page(results: Sequence[dict[str, Any]], page: Path = PAGE) -> None:
    """Put the table of these results in the place of the old one."""
    before, _, rest = page.read_text("utf-8").partition(BEGINNING)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGINNING}\n{table(results)}\n{END}{after}", "utf-8")


def table(results: Sequence[dict[str, Any]]) -> str:
    """A line for each seed and the sums, then what was killed and what went wrong by kind."""
    lines = [HEADINGS, "|---" * 9 + "|", *map(_line, results), _sums(results), ""]
    lines += ["| killed | times |", "|---|---|", *_counted(results, "killed"), ""]
    lines += ["| fault of the network | times |", "|---|---|", *_counted(results, "faults")]
    return "\n".join(lines) + "\n"


def _line(result: dict[str, Any]) -> str:
    counted = [sum(result["killed"].values()), sum(result["faults"].values()), result["calls"], result["unknowns"]]
    cells = [result["seed"], *counted, result["reached"], result["not_reached"], round(result["seconds"])]
    return _row([*cells, len(result["findings"])])


def _sums(results: Sequence[dict[str, Any]]) -> str:
    killed = sum(sum(result["killed"].values()) for result in results)
    faults = sum(sum(result["faults"].values()) for result in results)
    plain = [sum(result[name] for result in results) for name in ("calls", "unknowns", "reached", "not_reached")]
    seconds = round(sum(result["seconds"] for result in results))
    return _row(["all", killed, faults, *plain, seconds, sum(len(result["findings"]) for result in results)])


def _counted(results: Sequence[dict[str, Any]], what: str) -> list[str]:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result[what])
    return [_row([name, times]) for name, times in sorted(counts.items())]


def _row(cells: Sequence[object]) -> str:
    shown = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells)
    return f"| {' | '.join(shown)} |"
