"""`gdial worker call | tts | scheduler`: one worker as a process of its own, over RabbitMQ and PostgreSQL."""

from __future__ import annotations

from typing import Literal

import typer

from gdial.cli.screen import note, warn
from gdial.errors import SetupError

WorkerKind = Literal["call", "tts", "scheduler"]

app = typer.Typer(
    name="worker",
    help="Run one worker as a process of its own (RABBITMQ_URL, PostgreSQL).",
    no_args_is_help=True,
)

NEEDS_BROKER = (
    "RABBITMQ_URL is not set, and a worker takes its jobs from a broker; set it for every process, as in "
    "RABBITMQ_URL=amqp://gdial:password@mq.example.org:5672/, or start gdial serve alone, which does everything itself"
)


@app.command()
def call() -> None:
    """Ring people: take jobs until SIGTERM or Ctrl-C, CALL_PREFETCH at once. A second signal ends it at once."""
    _run("call")


@app.command()
def tts() -> None:
    """Make audio beforehand: take texts until SIGTERM or Ctrl-C, TTS_PREFETCH at once."""
    _run("tts")


@app.command()
def scheduler() -> None:
    """Feed the queue, move runs on, ask about silent calls, tell webhook endpoints. Several may run."""
    _run("scheduler")


def _run(kind: WorkerKind) -> None:
    from gdial.monitoring.logs import configure_logs
    from gdial.settings import get_settings, setting_warnings

    settings = get_settings()
    if settings.rabbitmq_url is None:
        raise SetupError(NEEDS_BROKER)
    configure_logs(settings.log_level, settings.log_format)
    for text in setting_warnings():
        warn(text)
    import uvloop

    from gdial.cli.signals import stop_on_signals
    from gdial.cli.working import work

    async def until_stopped() -> None:
        ending = f"Ending: what is in hand is finished, for {settings.shutdown_grace_sec} s at most."
        await work(kind, settings, stop_on_signals(lambda: note(ending)))

    uvloop.run(until_stopped())
