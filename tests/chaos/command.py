"""`python -m tests.chaos`, which `make chaos` runs: seeds one after the other, each kept in a file of results."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.plan import FULL, SHORT, Scale
from tests.chaos.report import PAGE, write_page
from tests.chaos.results import Results
from tests.chaos.trial import Result, run_trial

FOLDER = Path(".chaos")


def main(arguments: Sequence[str] | None = None) -> None:
    wish = _parser().parse_args(arguments)
    scale = SHORT if wish.short else FULL
    results = Results(wish.folder / ("results-short.jsonl" if wish.short else "results.jsonl"))
    if wish.write_docs:
        write_page(results.all())
        return
    failed = 0
    for seed in _seeds(wish):
        known = results.passed(seed)
        if known is not None and wish.seed is None and not wish.again:
            _say(f"seed {seed}: passed already, at {known['began_at']}")
            continue
        failed += not _try(seed, scale, wish.folder / f"seed-{seed}", results, keep=wish.keep)
    sys.exit(1 if failed else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description="Kill everything during call-outs, and count.")
    parser.add_argument("--seed", type=int, help="this one, also when it has passed before")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="first of several (1)")
    parser.add_argument("--last", type=int, metavar="SEED", help="last of several")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="how many from the first on (1)")
    parser.add_argument("--again", action="store_true", help="run also those that have passed")
    parser.add_argument("--short", action="store_true", help=f"{SHORT.people} people instead of {FULL.people}")
    parser.add_argument("--keep", action="store_true", help="keep the logs of a seed that passes too")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"for results and logs ({FOLDER})")
    parser.add_argument("--write-docs", action="store_true", help=f"run nothing; write what is known into {PAGE}")
    return parser


def _seeds(wish: argparse.Namespace) -> Sequence[int]:
    if wish.seed is not None:
        return [wish.seed]
    last = wish.first + wish.seeds - 1 if wish.last is None else wish.last
    return range(wish.first, last + 1)


def _try(seed: int, scale: Scale, folder: Path, results: Results, *, keep: bool) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    try:
        result = asyncio.run(_interruptible(seed, scale, folder.absolute()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(f"seed {seed}: interrupted; every process was ended. Its logs: {folder}")
    except Exception as error:
        result = Result(seed, scale.people, round(time.monotonic() - began, 1), [f"the trial broke: {error!r}"], "")
        (folder / "broken.txt").write_text(_traceback_of(error))
    results.add(result)
    _show(result, scale, folder)
    if result.has_passed and not keep:
        shutil.rmtree(folder)
    return result.has_passed


async def _interruptible(seed: int, scale: Scale, folder: Path) -> Result:
    """A request to end leaves no process behind."""
    trial = asyncio.ensure_future(run_trial(seed, scale, folder))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, trial.cancel)
    return await trial


def _show(result: Result, scale: Scale, folder: Path) -> None:
    verdict = "passed" if result.has_passed else f"FAILED, {len(result.findings)} findings"
    _say(
        f"seed {result.seed}: {verdict} | killed {_counts(result.killed)} | faults {_counts(result.faults)}"
        f" | calls {result.calls} | unknowns settled {result.unknowns}"
        f" | reached {result.reached}, not {result.not_reached} | {result.seconds:.0f} s"
    )
    if not result.has_passed:
        for finding in result.findings[:30]:
            _say(f"    {finding}")
        (folder / "findings.json").write_text(json.dumps(result.to_json(), indent=1))
        alone = "--short" if scale is SHORT else ""
        _say(f"  Again: make chaos SEED={result.seed}{f' ARGS={alone}' if alone else ''} | its logs: {folder}")


def _counts(of: dict[str, int]) -> str:
    return f"{sum(of.values())} ({', '.join(f'{kind} {times}' for kind, times in of.items())})" if of else "0"


def _traceback_of(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command
