"""The commands of `gdial run`."""

from __future__ import annotations

import typer

from gdial.cli.run import audit, forecast, report, show, start, steer

app = typer.Typer(name="run", help="Start, watch and steer call runs.", no_args_is_help=True)

app.command("start")(start.start)
app.command("forecast")(forecast.forecast)
app.command("show")(show.show)
app.command("list")(show.list_runs)
app.command("stop")(steer.stop)
app.command("pause")(steer.pause)
app.command("resume")(steer.resume)
app.command("report")(report.report)
app.command("audit")(audit.audit)
