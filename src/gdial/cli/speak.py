"""`gdial speak`: a text as a sound file, made here, without a server and without a database."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gdial.cli.out_files import ForceOption, check_out_file
from gdial.cli.screen import facts, note, print_json, say
from gdial.cli.target import JsonOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.settings import Settings
    from gdial.speech.base import Engine, Pcm, SpeechRequest
    from gdial.speech.formats import AudioFormat
    from gdial.speech.frames import Frame
    from gdial.speech.processes import SpeechProcesses

FORMATS = {"wav": "WAV, µ-law, 8000 Hz, mono", "mp3": "MP3, 8000 Hz, mono"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out. `lufs` is the loudness after ITU-R BS.1770, `peak_dbfs` the loudest sample."""

    engine: str
    language: str
    seconds: float
    lufs: float
    peak_dbfs: float
    format: AudioFormat
    bytes: int
    out: str | None


def speak(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said.", show_default=False)],
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="BCP 47, such as sv or en-US. Unset: DEFAULT_LANGUAGE.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="This one alone. Unset: TTS_ENGINE, then TTS_FALLBACK.")
    ] = None,
    voice: Annotated[str | None, typer.Option(metavar="NAME", help="One that gdial voices lists.")] = None,
    speed: Annotated[float, typer.Option(metavar="X", help="From 0.5 to 2.")] = 1.0,
    pitch: Annotated[float, typer.Option(metavar="SEMITONES", help="From -10 to 10.")] = 0.0,
    audio_format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="wav or mp3. Unset: by the file's ending, or wav.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where it is saved. Unset: only measured.")] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Speak a text as it would be heard on the telephone, and tell length, loudness, peak and format. Needs no running
    GDial; knows nothing of the lexicon that is kept there."""
    from gdial.monitoring.logs import configure_logs
    from gdial.settings import get_settings
    from gdial.speech.base import SpeechRequest

    if out is not None:
        check_out_file(out, "--out", force=force)
    settings = get_settings()
    configure_logs("warning", settings.log_format)
    request = SpeechRequest(text, language or settings.default_language, voice, speed, pitch)
    measured = asyncio.run(_make(settings, engine, request, _format(audio_format, out), out))
    if as_json:
        print_json(asdict(measured))
    else:
        _show(measured)


def _format(named: str | None, out: Path | None) -> Literal["wav", "mp3"]:
    ending = out.suffix.removeprefix(".").lower() if out is not None else ""
    match named or ending or "wav":
        case "wav" | "mp3" as found:
            return found
        case other:
            raise InvalidInput(f'there is no format "{other}"; there are: wav, mp3', where="--format", example="wav")


async def _make(
    settings: Settings, engine: str | None, request: SpeechRequest, audio_format: AudioFormat, out: Path | None
) -> Measured:
    from gdial.assembly.speaking import open_engine
    from gdial.speech.chain import make_with_first
    from gdial.speech.gtts import UNOFFICIAL
    from gdial.speech.processes import SpeechProcesses

    processes = SpeechProcesses()
    names = (engine,) if engine is not None else settings.speech_engines
    engines: list[Engine] = []
    if "gtts" in names:
        note(UNOFFICIAL)
    try:
        engines += [open_engine(name, settings, processes) for name in names]

        async def finish(pcm: Pcm) -> Frame:
            asked = {"rate": pcm.rate, "pitch": request.pitch, "format": audio_format}
            return await processes.run("audio.finish", asked, pcm.samples)

        name, piece = await make_with_first(engines, request, finish)
        if out is not None:
            await asyncio.to_thread(out.write_bytes, piece.sound)
        return await _measure(processes, name, request, piece, out)
    finally:
        for each in engines:
            await each.close()
        await processes.close()


async def _measure(
    processes: SpeechProcesses, engine: str, request: SpeechRequest, piece: Frame, out: Path | None
) -> Measured:
    """What is in the file, and not what should be."""
    import numpy as np

    from gdial.speech.loudness import measure_lufs

    heard = await processes.run("sound.decode", {"format": piece.facts["format"], "tempo": 1.0}, piece.sound)
    rate = int(heard.facts["rate"])
    sound = np.frombuffer(heard.sound, "<i2") / 32_768
    peak = 20 * np.log10(max(float(np.abs(sound).max(initial=0.0)), 1e-5))
    return Measured(
        engine=engine,
        language=request.language,
        seconds=round(len(sound) / rate, 2),
        lufs=round(measure_lufs(sound, rate), 1),
        peak_dbfs=round(float(peak), 1),
        format=piece.facts["format"],
        bytes=len(piece.sound),
        out=str(out) if out is not None else None,
    )


def _show(measured: Measured) -> None:
    say(
        facts(
            [
                ("Engine", measured.engine),
                ("Language", measured.language),
                ("Length", f"{measured.seconds:.2f} s"),
                ("Loudness", f"{measured.lufs:.1f} LUFS"),
                ("Peak", f"{measured.peak_dbfs:.1f} dBFS"),
                ("Format", f"{FORMATS[measured.format]}, {measured.bytes:,} bytes"),
                ("Saved as", measured.out),
            ]
        )
    )
    if measured.out is None:
        note("It was not kept: say where with --out FILE.")
    elif not measured.out.lower().endswith(f".{measured.format}"):
        note(f"What is in the file is {measured.format.upper()}, whatever its name says.")
