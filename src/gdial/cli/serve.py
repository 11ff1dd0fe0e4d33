"""`gdial serve`: the whole system in one process, or its web process where RABBITMQ_URL names a broker."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.screen import note, print_json, say, warn

if TYPE_CHECKING:
    from gdial.cli.serving import Serving
    from gdial.settings import Settings

NO_CARRIER = (
    "No carrier is set up: GDial cannot ring real phones, only drills on the simulated telephone network. For real "
    "calls set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM_NUMBER and PUBLIC_URL."
)
WORKERS_ELSEWHERE = (
    "The workers are processes of their own: gdial worker call, gdial worker tts, gdial worker scheduler"
)
NO_NETWORK = "No telephone network is set up, not even for drills: no run can be started."


def serve(
    simulator: Annotated[
        bool | None,
        typer.Option(
            "--simulator/--no-simulator",
            help="Run a simulated network for drills, unless DRILL_API_BASE is set. Default: yes without RABBITMQ_URL.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell the address as one line of JSON.")] = False,
) -> None:
    """Run GDial: API, pages and workers, until Ctrl-C or SIGTERM. A second signal ends it at once.

    With RABBITMQ_URL it is the API and the pages alone; `gdial worker` runs the workers.
    """
    from gdial.monitoring.logs import configure_logs
    from gdial.settings import get_settings, setting_warnings

    settings = get_settings()
    configure_logs(settings.log_level, settings.log_format)
    for text in setting_warnings():
        warn(text)
    import uvloop

    # Workers elsewhere would not know of a network that begins here: they need DRILL_API_BASE.
    with_simulator = settings.rabbitmq_url is None if simulator is None else simulator
    uvloop.run(_serve(settings, simulator=with_simulator, as_json=as_json))


async def _serve(settings: Settings, *, simulator: bool, as_json: bool) -> None:
    from gdial.cli.serving import serve_all
    from gdial.cli.signals import stop_on_signals

    grace_seconds = settings.shutdown_grace_sec
    ending = f"Ending: what is in hand is finished, for {grace_seconds} s at most. Once more to end at once."
    stop = stop_on_signals(lambda: note(ending))

    def tell(serving: Serving) -> None:
        if as_json:
            print_json(facts(serving), in_one_line=True)
        else:
            tell_people(serving)

    await serve_all(settings, started=tell, stop=stop, simulator=() if simulator else None)


def facts(serving: Serving) -> dict[str, object]:
    """What is in force, without secrets."""
    settings = serving.settings
    return {
        "url": serving.url,
        "database": _database(settings),
        "carrier": _carrier(settings),
        "drills": settings.drill_api_base,
        "workers": "in this process" if settings.rabbitmq_url is None else "elsewhere",
        "token_in": token_place(settings),
    }


def tell_people(serving: Serving) -> None:
    settings = serving.settings
    say(
        f"GDial serves {serving.url} | database {_database(settings)} | carrier {_carrier(settings) or 'not set up'}"
        f" | API token in {token_place(settings)}"
    )
    if settings.rabbitmq_url is not None:
        say(WORKERS_ELSEWHERE)
    if not settings.carrier_configured:
        say(NO_CARRIER if settings.drill_api_base else NO_NETWORK)
    if settings.drill_api_base:
        say(f"Drills ring on {settings.drill_api_base}; every call of theirs is in {settings.drill_api_base}/ledger")
    if sys.stdout.isatty():
        say("End with Ctrl-C.")


def token_place(settings: Settings) -> str:
    from gdial.settings.places import token_file

    return "the setting API_TOKEN" if settings.api_token else str(token_file(settings))


def _database(settings: Settings) -> str:
    from gdial.settings.checks import without_password

    return str(settings.database_path or without_password(settings.database_url))


def _carrier(settings: Settings) -> str | None:
    if not settings.carrier_configured:
        return None
    where = "" if settings.twilio_api_base == "https://api.twilio.com" else f" at {settings.twilio_api_base}"
    return f"Twilio{where}, account {settings.twilio_account_sid}, from {', '.join(settings.from_numbers)}"
