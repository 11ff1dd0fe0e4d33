"""The ledger as rows of a table: the sheet beside the report, and what a terminal shows."""

from __future__ import annotations

from collections.abc import Iterator

from gdial.actions.run_ledger import LedgerView
from gdial.dialing.ledger import Ledger

LedgerRow = tuple[str, str, str | int, str | int]
HEADINGS = ("part", "what", "at the end", "now")


def ledger_rows(view: LedgerView) -> Iterator[LedgerRow]:
    """(part, what, at the end, now); at the end "" while the run goes on. Then the faults, and whether it balances."""
    at_end = dict(_figures(view.at_end.ledger)) if view.at_end else {}
    now = dict(_figures(view.now))
    for part, what in dict.fromkeys([*now, *at_end]):
        written: str | int = at_end.get((part, what), 0) if view.at_end else ""
        yield part, what, written, now.get((part, what), 0)
    for number, fault in enumerate(view.faults, start=1):
        yield "does not balance", f"{number}: {fault}", "", ""
    if view.balances:
        yield "balances", "yes", "", ""


def _figures(ledger: Ledger) -> Iterator[tuple[tuple[str, str], int]]:
    people, attempts = ledger.people, ledger.attempts
    for name in ("recipients", "waiting", "calling", "reached", "not_reached", "stopped"):
        yield ("people", name), getattr(people, name)
    for outcome, reasons in people.reasons.items():
        for reason, number in reasons.items():
            yield (outcome, reason), number
    for name in ("attempts", "open", "answered", "lived_after_all"):
        yield ("attempts", name), getattr(attempts, name)
    for placing, number in attempts.placing.items():
        yield ("creates", placing), number
    for code, number in attempts.codes.items():
        yield ("refused with", code), number
    for settlement, number in attempts.settled.items():
        yield ("unknown, settled by", settlement), number
    for status, number in attempts.statuses.items():
        yield ("calls that ended", status), number
