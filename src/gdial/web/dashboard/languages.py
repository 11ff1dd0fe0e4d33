"""The words of the pages in each language, and which language a request is answered in.

The English text of the templates and of `gettext` is the id of a message; the catalogues translate it. Each language
may have several catalogues, one a part of the board. They are read as they are written: nothing is compiled before.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

from gdial.web.access.current import found_actor

SOURCE_LANGUAGE: Final = "en"
LANGUAGES: Final = ("sv", "en")
NAMES: Final = {"sv": "Svenska", "en": "English"}
COOKIE: Final = "gdial_language"
LOCALE = Path(__file__).with_name("locale")

LONGEST_ACCEPT_LANGUAGE = 200


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a message that is translated later, where it is shown."""
    return message


@cache
def catalogue(language: str) -> NullTranslations:
    """The English ids themselves where the language has no catalogue."""
    files = sorted((LOCALE / language / "LC_MESSAGES").glob("*.po"))
    merged: Translations | None = None
    for file in files:
        read = _read(file, language)
        if merged is None:
            merged = read
        else:
            merged.merge(read)
    return merged if merged is not None else NullTranslations()


def translated(language: str, message: str, **values: object) -> str:
    words = catalogue(language).gettext(message)
    return words % values if values else words


def _read(file: Path, language: str) -> Translations:
    compiled = io.BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)


def language_of(request: Request, default: str) -> str:
    """What the user chose; else what this browser chose; else what it asks for; else that of the installation."""
    actor = found_actor(request.scope)
    chosen = (actor.language if actor else None) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return _asked_for(request.headers.get("accept-language", "")) or _closest([default]) or SOURCE_LANGUAGE


def _asked_for(header: str) -> str | None:
    """The best of an Accept-Language header (RFC 9110, 12.5.4); None when it wants none of ours."""
    weighed: list[tuple[float, str]] = []
    for part in header[:LONGEST_ACCEPT_LANGUAGE].split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and quality > 0:
            weighed.append((-quality, tag.strip()))
    return _closest(tag for _, tag in sorted(weighed, key=lambda pair: pair[0]))


def _closest(tags: Iterable[str]) -> str | None:
    return negotiate_locale([tag.lower() for tag in tags], LANGUAGES, sep="-")
