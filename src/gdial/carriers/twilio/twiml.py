"""Writing a script as TwiML, Twilio's XML (https://www.twilio.com/docs/voice/twiml).

Written as plain strings with the standard library's escaping: it happens while somebody holds the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final, assert_never
from urllib.parse import quote

import structlog

from gdial.carriers.base import AskForKey, GoTo, HangUp, ScriptStep, Sound, Tell, Utterance, Wait
from gdial.carriers.twilio.passages import split_text
from gdial.errors import InvalidInput

CONTENT_TYPE: Final = "text/xml"
# Twilio reads 64 kB; the smaller reading of "kB" is the safe one.
MAX_SCRIPT_BYTES: Final = 64_000
# One <Say> holds 3,000 bytes of text and 4,500 characters of it URL-encoded, by the strictest of Twilio's voices
# (warning 13521). URL-encoded text is never shorter than its bytes, so one bound keeps both.
MAX_SAY_ENCODED: Final = 3_000
_SHORTEST_CUT_BYTES: Final = 200

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?><Response>'
_TAIL: Final = "</Response>"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
_REGIONS: Final = {
    "sv": "sv-SE",
    "en": "en-GB",
    "da": "da-DK",
    "de": "de-DE",
    "es": "es-ES",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "is": "is-IS",
    "it": "it-IT",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "no": "nb-NO",
    "pl": "pl-PL",
    "pt": "pt-PT",
}
_log = structlog.get_logger(__name__)


def write(steps: Sequence[ScriptStep]) -> bytes:
    """The document, UTF-8, at most `MAX_SCRIPT_BYTES`.

    Longer ones have each spoken text shortened at the end of a sentence until they fit, with a line in the log. Raises
    `InvalidInput` when that is not enough, which takes hundreds of steps.
    """
    longest_bytes = MAX_SCRIPT_BYTES
    document = _write(steps, longest_bytes)
    while len(document) > MAX_SCRIPT_BYTES:
        longest_bytes = longest_bytes * 4 // 5
        if longest_bytes < _SHORTEST_CUT_BYTES:
            raise InvalidInput(f"longer than the {MAX_SCRIPT_BYTES} bytes Twilio reads", where="script")
        document = _write(steps, longest_bytes)
    if longest_bytes < MAX_SCRIPT_BYTES:
        _log.warning("script_cut", longest_text_bytes=longest_bytes)
    return document


def _write(steps: Sequence[ScriptStep], longest_bytes: int) -> bytes:
    return (_HEAD + "".join([_write_step(step, longest_bytes) for step in steps]) + _TAIL).encode()


def _write_step(step: ScriptStep, longest_bytes: int) -> str:
    match step:
        case Tell():
            return _write_utterances(step.utterances, longest_bytes)
        case AskForKey():
            return _write_ask(step, longest_bytes)
        case Wait():
            return f'<Pause length="{step.seconds}"/>' if step.seconds > 0 else ""
        case GoTo():
            return _write_redirect(step.url)
        case HangUp():
            return "<Hangup/>"
        case _:
            assert_never(step)


def _write_ask(step: AskForKey, longest_bytes: int) -> str:
    """The redirect is a net: whatever way out of the prompt Twilio takes, the call goes on at `next_url`."""
    return (
        f'<Gather numDigits="1" timeout="{step.timeout_seconds}" finishOnKey="" actionOnEmptyResult="true"'
        f' action="{_escape(step.next_url)}" method="POST">'
        f"{_write_utterances(step.utterances, longest_bytes)}</Gather>{_write_redirect(step.next_url)}"
    )


def _write_redirect(url: str) -> str:
    return f'<Redirect method="POST">{_escape(url)}</Redirect>'


def _write_utterances(utterances: Sequence[Utterance], longest_bytes: int) -> str:
    return "".join(
        [
            f"<Play>{_escape(said.url)}</Play>"
            if isinstance(said, Sound)
            else _write_say(said.text, said.language, longest_bytes)
            for said in utterances
        ]
    )


def _write_say(text: str, language: str, longest_bytes: int) -> str:
    spoken = _NOT_XML.sub("", text).strip()
    if not spoken:
        return ""
    kept = split_text(spoken, _xml_size, longest_bytes)[0]
    tag = language_tag(language)
    opening = f'<Say language="{tag}">' if tag else "<Say>"
    passages = split_text(kept, _encoded_size, MAX_SAY_ENCODED)
    return "".join([f"{opening}{escape(passage.strip())}</Say>" for passage in passages])


def language_tag(language: str) -> str:
    """Twilio's tag for a BCP-47 language: `sv` becomes `sv-SE`, `en` becomes `en-GB` (GDial's home is Europe).

    A language with a region keeps it, an unlisted one goes as it is; "" (the account's own default) for anything that
    is no language tag. The voice is the one the account has set for the language.
    """
    match = _TAG.fullmatch(language)
    if match is None:
        return ""
    name, region = match[1].lower(), match[2]
    return f"{name}-{region.upper()}" if region else _REGIONS.get(name, name)


def _escape(url: str) -> str:
    return escape(_NOT_XML.sub("", url))


def _xml_size(text: str) -> int:
    return len(escape(text).encode())


def _encoded_size(text: str) -> int:
    return len(quote(text, safe=""))
