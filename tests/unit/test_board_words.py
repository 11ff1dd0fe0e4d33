"""The pages' words, and the sentences of refused actions that pages show: each is there in both languages, and says the
same with the same places to fill in."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import gdial
from gdial.web.dashboard.languages import LANGUAGES, LOCALE, SOURCE_LANGUAGE
from gdial.web.dashboard.refusal_words import SAID_PLAINER

SOURCE = Path(gdial.__file__).parent
WEB = LOCALE.parents[1]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)[!:\w,]*\}")

REFUSALS = {"InvalidInput", "InvalidPhoneNumber", "InvalidContactList", "NobodyToRing", "Conflict", "RowError"}
PLACE_OF_SENTENCE = {"RowError": 3}
"""Of the arguments; the first in all others."""

BEHIND_THE_ACTIONS = (
    *("actions/people_of_run.py", "actions/prepare_run.py", "actions/recorded_parts.py", "actions/ring_again.py"),
    *("actions/passwords.py", "contacts/pasted.py", "contacts/numbers.py", "contacts/number_faults.py"),
    *("contacts/reading.py", "contacts/columns.py", "contacts/delimited.py", "contacts/plain_lists.py"),
    *("contacts/row_reading.py", "contacts/group_cells.py", "contacts/merging.py", "messages/model.py"),
    *("messages/render.py", "messages/drills.py", "dialing/run.py", "dialing/policy.py", "dialing/call_now.py"),
    *("web/access/current.py", "web/access/doors.py"),
    "web/access/forms.py",
)
"""What the pages' own actions call, and may hand on a refusal of."""

NOT_FOR_PAGES = {
    "a message is an object with text, language and responses",
    "this must be a text",
    "responses are an object with one entry for each key",
    "a response is an object with label and reply",
    "there is nobody to ring: give contacts, group_id or call_run_id",
    "give either message_id or text",
    "a saved message has its own translations",
    "is no number of this contact",
    "was used within 24 hours for another request",
    "what that run said was cleared; say what is to be said",
    "its text was cleared, being older than the retention allows",
    "the file is empty",
    "the text is partly UTF-8 and partly not, so names would come out wrong; save the list again as UTF-8",
}
"""Only what a program sends can be refused with these."""


@cache
def said_in_the_pages() -> dict[str, set[str]]:
    """Each message with the files that say it."""
    found: dict[str, set[str]] = defaultdict(set)
    options = {"**/templates/**.html": {"trimmed": "true"}}
    for name, _line, message, _comments, _context in extract_from_dir(WEB, METHODS, options, KEYWORDS):
        found[message if isinstance(message, str) else message[0]].add(name)
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls_in(path: Path) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.args


def text_of(expression: ast.expr | None) -> str | None:
    """Of a text that is written out."""
    is_text = isinstance(expression, ast.Constant) and isinstance(expression.value, str)
    return expression.value if is_text else None  # type: ignore[union-attr]


def met_on_the_pages() -> list[Path]:
    """The modules whose refusals the pages may have to show: the actions that pages import, and what is behind them."""
    found = {SOURCE / name for name in BEHIND_THE_ACTIONS}
    for page in (WEB / "dashboard").glob("*.py"):
        found.add(page)
        for node in ast.walk(parsed(page)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gdial.actions."):
                found.add(SOURCE / f"{(node.module or '').removeprefix('gdial.').replace('.', '/')}.py")
    return sorted(found)


@cache
def refused_with() -> dict[str, set[str]]:
    """Each sentence, or its template, with the files that say it: whatever is `Worded`, and plain sentences where pages
    meet them."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in SOURCE.rglob("*.py"):
        if "Worded(" in path.read_text("utf-8"):
            for name, arguments in calls_in(path):
                if name == "Worded" and (said := text_of(arguments[0])):
                    found[said].add(path.name)
    for path in met_on_the_pages():
        for name, arguments in calls_in(path):
            place = PLACE_OF_SENTENCE.get(name, 0)
            if name in REFUSALS and len(arguments) > place and (said := text_of(arguments[place])):
                found[said].add(path.name)
    return {said: names for said, names in found.items() if said not in NOT_FOR_PAGES | SAID_PLAINER.keys()}


def everything_said() -> dict[str, set[str]]:
    refused, pages = refused_with(), said_in_the_pages()
    return {said: pages.get(said, set()) | refused.get(said, set()) for said in pages.keys() | refused.keys()}


def test_no_refusal_that_pages_show_is_put_together_where_no_catalogue_finds_it() -> None:
    """Such a sentence is `Worded`, with its values apart."""
    glued = []
    for path in met_on_the_pages():
        texts = {
            target.id
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.JoinedStr)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name, arguments in calls_in(path):
            place = PLACE_OF_SENTENCE.get(name, 0)
            if name not in REFUSALS | {"Worded"} or len(arguments) <= place:
                continue
            sentence = arguments[place]
            if isinstance(sentence, ast.JoinedStr) or (isinstance(sentence, ast.Name) and sentence.id in texts):
                glued.append(f"{path.relative_to(SOURCE)}:{sentence.lineno}: {ast.unparse(sentence)}")
    assert glued == []


@cache
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
    said, words = everything_said(), translated(language)
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
    assert "passwords.py" in refused_with()["repeats a few characters"]
    assert "number_faults.py" in refused_with()["no number like this exists under country code +{code}"]


def test_no_template_has_script_or_style_in_it() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", re.IGNORECASE)
    templates = sorted((WEB / "dashboard" / "templates").rglob("*.html"))
    assert len(templates) > 2
    assert [path.name for path in templates if inline.search(path.read_text("utf-8"))] == []


def test_the_catalogues_lie_where_the_package_takes_them_from() -> None:
    assert Path(LOCALE / "sv" / "LC_MESSAGES" / "board.po").is_file()
