"""The pages' words: each is there in both languages, and says the same with the same places to fill in."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gdial.web.dashboard.languages import LANGUAGES, LOCALE, SOURCE_LANGUAGE

WEB = LOCALE.parents[1]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
PLACE = re.compile(r"%\(\w+\)s")


def said_in_the_pages() -> dict[str, set[str]]:
    """Each message with the files that say it."""
    found: dict[str, set[str]] = defaultdict(set)
    options = {"**/templates/**.html": {"trimmed": "true"}}
    for name, _line, message, _comments, _context in extract_from_dir(WEB, METHODS, options, KEYWORDS):
        found[message if isinstance(message, str) else message[0]].add(name)
    return found


def translated(language: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for file in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with file.open("rb") as written:
            for message in read_po(written, locale=language, abort_invalid=True):
                if message.id:
                    first = message.id if isinstance(message.id, str) else message.id[0]
                    word = message.string if isinstance(message.string, str) else " ".join(message.string or ())
                    assert words.get(first, word) == word, f"{first!r} is translated twice, and differently"
                    words[first] = word
    return words


OTHERS = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    said, words = said_in_the_pages(), translated(language)
    assert {message: sorted(said[message]) for message in said if not words.get(message)} == {}
    assert sorted(words.keys() - said.keys()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_the_same_places(language: str) -> None:
    wrong = [
        message
        for message, word in translated(language).items()
        if set(PLACE.findall(message)) != set(PLACE.findall(word))
    ]
    assert wrong == []


def test_the_messages_of_the_templates_are_found() -> None:
    said = said_in_the_pages()
    assert "dashboard/templates/base.html" in said["Log out"]
    assert "dashboard/page.py" in said["Your role does not allow this."]


def test_no_template_has_script_or_style_in_it() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", re.IGNORECASE)
    templates = sorted((WEB / "dashboard" / "templates").rglob("*.html"))
    assert len(templates) > 2
    assert [path.name for path in templates if inline.search(path.read_text("utf-8"))] == []


def test_the_catalogues_lie_where_the_package_takes_them_from() -> None:
    assert Path(LOCALE / "sv" / "LC_MESSAGES" / "board.po").is_file()
