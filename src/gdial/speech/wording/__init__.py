"""How written text is read aloud: one table per language, one set of rules over all of them."""

from __future__ import annotations

from collections.abc import Mapping

from gdial.speech.wording import english, swedish
from gdial.speech.wording.rules import Reader
from gdial.speech.wording.table import Wording

WORDINGS: Mapping[str, Wording] = {"sv": swedish.WORDING, "en": english.WORDING, "en-us": english.AMERICAN}

_READERS = {language: Reader(wording) for language, wording in WORDINGS.items()}


def read_aloud(text: str, language: str) -> str:
    """`text` as a person would read it, for a BCP-47 `language`; unchanged for a language without a table."""
    tag = language.strip().replace("_", "-").lower()
    reader = _READERS.get(tag) or _READERS.get(tag.partition("-")[0])
    return reader.read(text) if reader else text
