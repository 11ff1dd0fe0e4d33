"""One message in several languages."""

from __future__ import annotations

from typing import Any

import pytest

from gdial.errors import InvalidInput
from gdial.messages.model import MessageContent, Response
from gdial.messages.translations import choose_content, read_translations, translations_to_json

SWEDISH = MessageContent("Kommer du?", "sv", {"1": Response("Kommer", "Tack."), "2": Response("Kan inte")})
ENGLISH = {
    "text": "Are you coming?",
    "responses": {"1": {"label": "Coming", "reply": "Thank you."}, "2": {"label": "Not coming", "reply": ""}},
}


def translated(**languages: Any) -> dict[str, MessageContent]:
    return read_translations({tag.replace("_", "-"): ENGLISH for tag in languages}, SWEDISH)


def test_translations_come_back_as_they_went_in() -> None:
    assert translations_to_json(read_translations({"en": ENGLISH}, SWEDISH)) == {"en": ENGLISH}
    assert read_translations(None, SWEDISH) == {}


def test_a_label_that_is_left_out_is_the_one_of_the_messages_own_language() -> None:
    brief = {"text": "Coming?", "responses": {"1": {"reply": "Thanks."}, "2": {}}}
    content = read_translations({"en": brief}, SWEDISH)["en"]
    assert content.responses == {"1": Response("Kommer", "Thanks."), "2": Response("Kan inte")}


@pytest.mark.parametrize(
    ("raw", "where", "told"),
    [
        ([], "translations", "object"),
        ({"en": "Coming?"}, "translations.en", "text and responses"),
        ({"en": {"responses": {}}}, "translations.en.text", "a text"),
        ({"en": {**ENGLISH, "text": " "}}, "translations.en.text", "empty"),
        ({"en": {**ENGLISH, "text": "Hi {nick}"}}, "translations.en.text", "{first_name}"),
        ({"en": {**ENGLISH, "voice": "x"}}, "translations.en", "only text and responses"),
        ({"english please": ENGLISH}, "translations.english please", "language code"),
        ({"SV": ENGLISH}, "translations.SV", "own language"),
        ({"en": ENGLISH, "EN": ENGLISH}, "translations.EN", "already"),
        ({"en": {"text": "Coming?", "responses": {"1": {"label": "x"}}}}, "translations.en.responses.2", "missing"),
        ({"en": {"text": "Coming?"}}, "translations.en.responses.1", "missing"),
        (
            {"en": {"text": "Coming?", "responses": {**ENGLISH["responses"], "3": {"label": "x"}}}},  # type: ignore[dict-item]
            "translations.en.responses.3",
            "no meaning",
        ),
        (
            {"en": {"text": "Coming?", "responses": {"1": {"reply": 7}, "2": {}}}},
            "translations.en.responses.1.reply",
            "a text",
        ),
        ({f"x{i:02}": ENGLISH for i in range(31)}, "translations", "at most 30"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(raw: object, where: str, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_translations(raw, SWEDISH)
    assert caught.value.where == where
    assert told in caught.value.reason


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en-GB"),
        ("de-AT", "de-CH"),
        ("sv-FI", "sv"),
        ("fi", "sv"),
        ("", "sv"),
        (None, "sv"),
    ],
)
def test_everybody_hears_the_nearest_language_there_is(language: str | None, heard: str) -> None:
    translations = translated(en=1, en_GB=1, de_CH=1)
    assert choose_content(SWEDISH, translations, language).language == heard
