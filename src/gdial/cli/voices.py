"""`gdial voices`: the engines, whether they can speak here, and their languages and voices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.screen import note, print_json, say, table
from gdial.cli.target import JsonOption
from gdial.errors import GDialError, InvalidInput

if TYPE_CHECKING:
    from gdial.settings import Settings
    from gdial.speech.processes import SpeechProcesses

FEW = 8


@dataclass(frozen=True, slots=True)
class ListedVoices:
    """`why_not` is "" for an engine that can speak here; `turn` its place in the chain from 1, None outside it."""

    engine: str
    turn: int | None
    why_not: str
    voices: Mapping[str, Sequence[str]]


def voices(
    engine: Annotated[str | None, typer.Option(metavar="NAME", help="Every language and voice of this one.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only voices that speak it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the engines, whether they can speak here and why not, their languages and voices. Needs no running GDial."""
    from gdial.monitoring.logs import configure_logs
    from gdial.settings import get_settings

    settings = get_settings()
    configure_logs("warning", settings.log_format)
    found = asyncio.run(_list(settings, engine, language))
    if as_json:
        print_json([asdict(each) for each in found])
    elif engine is not None or language is not None:
        _show_voices(found)
    else:
        _show_engines(found)


async def _list(settings: Settings, only: str | None, language: str | None) -> list[ListedVoices]:
    from gdial.assembly.speaking import ENGINES
    from gdial.speech.processes import SpeechProcesses

    if only is not None and only not in ENGINES:
        raise InvalidInput(f'there is no engine "{only}"; there are: {", ".join(ENGINES)}', where="--engine")
    processes = SpeechProcesses()
    try:
        names = [only] if only is not None else ENGINES
        return [await _ask(name, settings, processes, language) for name in names]
    finally:
        await processes.close()


async def _ask(name: str, settings: Settings, processes: SpeechProcesses, language: str | None) -> ListedVoices:
    from gdial.assembly.speaking import ENGINES
    from gdial.settings.contradictions import missing_for

    chain = settings.speech_engines
    turn = chain.index(name) + 1 if name in chain else None
    missing = [f"{problem.where} {problem.reason}" for problem in missing_for(settings, name)]
    if missing:
        return ListedVoices(name, turn, "; ".join(missing), {})
    opened = ENGINES[name](settings, processes)
    try:
        known = await opened.list_voices()
    except GDialError as error:
        return ListedVoices(name, turn, str(error), {})
    finally:
        await opened.close()
    return ListedVoices(name, turn, "", _only(known, language))


def _only(known: Mapping[str, Sequence[str]], language: str | None) -> Mapping[str, Sequence[str]]:
    from gdial.speech.language_match import main_language

    if language is None:
        return known
    return {tag: names for tag, names in known.items() if main_language(tag) == main_language(language)}


def _show_engines(found: Sequence[ListedVoices]) -> None:
    rows = [(each.engine, each.turn, _can_speak(each), _few(each.voices)) for each in found]
    say(table(("Engine", "Turn", "Can speak", "Languages"), rows))
    note("Turn: when it is asked (TTS_ENGINE, TTS_FALLBACK). Voices of one: gdial voices --engine NAME.")


def _can_speak(listed: ListedVoices) -> str:
    if listed.engine == "gtts":
        return "not asked; unofficial, may end any day"
    return listed.why_not or "yes"


def _few(languages: Iterable[str]) -> str:
    listed = list(languages)
    more = f" and {len(listed) - FEW} more" if len(listed) > FEW else ""
    return ", ".join(listed[:FEW]) + more


def _show_voices(found: Sequence[ListedVoices]) -> None:
    rows = [
        (each.engine, tag, ", ".join(names) or "its own")
        for each in found
        for tag, names in sorted(each.voices.items())
    ]
    say(table(("Engine", "Language", "Voices"), rows))
    for each in found:
        if each.why_not:
            note(f"{each.engine} cannot speak: {each.why_not}")
