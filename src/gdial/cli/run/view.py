"""How a run looks: while it goes, as a line, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gdial.cli.run.status import RunStatus, Speed
from gdial.cli.screen import table

STATE_STYLES = {"running": "green", "paused": "yellow", "stopped": "red", "scheduled": "cyan", "done": "bold green"}


def live_view(status: RunStatus, speed: Speed, now: datetime) -> RenderableType:
    """What a terminal shows while the run goes."""
    head = Text.assemble(
        (status.name, "bold"), f"  {status.mode}  ", (status.state, STATE_STYLES.get(status.state, "")), "  ",
        (_elapsed(status, now), "dim"),
    )  # fmt: skip
    parts: list[RenderableType] = [head, _bar(status), _figures(status), _answers(status)]
    parts.append(Text(_pace_line(status, speed), "dim"))
    if hindrance := _hindrance(status):
        parts.append(Text(hindrance, "yellow"))
    return Panel(Group(*parts), title="GDial", title_align="left", expand=True)


def plain_line(status: RunStatus, speed: Speed, now: datetime) -> str:
    """The same as a line, for logs and pipes."""
    answers = ", ".join(f"{_answer_name(status, key)} {count}" for key, count in sorted(status.answers.items()))
    parts = [
        f"{_elapsed(status, now)} {status.state}: {status.ended} of {status.recipients} ended",
        f"reached {status.reached}" + (f" ({answers})" if answers else ""),
        f"calling {status.calling}",
        f"waiting {status.waiting}",
        f"not reached {status.not_reached}",
    ]
    parts += [f"stopped {status.stopped}"] if status.stopped else []
    parts += [_pace_line(status, speed)] if not status.is_over else []
    return ", ".join(parts) + (f"; {hindrance}" if (hindrance := _hindrance(status)) else "")


def closing_table(status: RunStatus) -> Table:
    """The answers by label, then those who gave none."""
    keys = sorted(status.labels.keys() | status.answers.keys())
    rows: list[tuple[str, int]] = [(_answer_name(status, key), status.answers.get(key, 0)) for key in keys]
    if status.reached_without_key:
        rows.append(("answered, no key", status.reached_without_key))
    rows.append(("not reached", status.not_reached))
    if status.stopped:
        rows.append(("stopped", status.stopped))
    return table(("Answer", "People"), rows)


def headline(status: RunStatus) -> Text:
    """What is shown above the table."""
    when = f"after {_elapsed(status)}" if status.started_at else _elapsed(status)
    return Text(f"{status.name}: {status.state} {when}, {status.mode}", "bold")


def ledger_line(status: RunStatus) -> Text:
    """Promise 1, to be seen: everybody is somewhere, nobody is lost."""
    if not status.is_over:
        return Text(f"{status.ledger()} + still open {status.waiting + status.calling}")
    if status.ledger_balances:
        return Text.assemble(status.ledger(), "  ", ("the ledger balances", "green"))
    return Text.assemble(status.ledger(), "  ", ("THE LEDGER DOES NOT BALANCE", "bold red"))


def _bar(status: RunStatus) -> Table:
    # In a row of its own: a bar alone does not end its line.
    row = Table.grid(expand=True)
    row.add_row(ProgressBar(total=max(1, status.recipients), completed=status.ended))
    return row


def _figures(status: RunStatus) -> Table:
    grid = Table.grid(padding=(0, 3))
    figures = (
        ("reached", status.reached, "bold green"),
        ("calling", status.calling, "cyan"),
        ("waiting", status.waiting, ""),
        ("not reached", status.not_reached, "yellow" if status.not_reached else ""),
        ("stopped", status.stopped, "red" if status.stopped else ""),
    )
    grid.add_row(*(Text.assemble((f"{number} ", style), (name, "dim")) for name, number, style in figures))
    return grid


def _answers(status: RunStatus) -> Text:
    keys = sorted(status.labels.keys() | status.answers.keys())
    return Text("   ").join(
        Text.assemble((f"{status.answers.get(key, 0)} ", "bold"), _answer_name(status, key)) for key in keys
    )


def _answer_name(status: RunStatus, key: str) -> str:
    label = status.labels.get(key, "")
    return f"{key} {label}" if label else key


def _elapsed(status: RunStatus, now: datetime | None = None) -> str:
    if status.started_at is None:
        return f"starts {status.scheduled_at.astimezone():%Y-%m-%d %H:%M}" if status.scheduled_at else "not started"
    end = status.ended_at or now or datetime.now(UTC)
    return clock_text((end - status.started_at).total_seconds())


def clock_text(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _pace_line(status: RunStatus, speed: Speed) -> str:
    rate = f"{speed.people_per_minute:.0f} people a minute"
    left = speed.seconds_left(status.waiting + status.calling)
    return rate if left is None else f"{rate}, about {clock_text(left)} left"


def _hindrance(status: RunStatus) -> str:
    """Why nobody is rung, "" while somebody may be."""
    return _paused_line(status) if status.state == "paused" else carrier_line(status)


def carrier_line(status: RunStatus) -> str:
    """ "" while the carrier answers."""
    since = status.waits_for_carrier_since
    return f"waiting for the carrier since {since.astimezone():%H:%M:%S}; it goes on by itself" if since else ""


def _paused_line(status: RunStatus) -> str:
    return f"paused: {status.paused_because or 'no reason given'}; go on with: gdial run resume {status.id}"
