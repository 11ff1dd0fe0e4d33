"""Scripts as TwiML, held against the official package's builder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, assert_never
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.twiml.voice_response import Gather, VoiceResponse

from gdial.carriers.base import (
    AskForKey,
    GoTo,
    HangUp,
    ScriptStep,
    Sound,
    SpokenByCarrier,
    Tell,
    Utterance,
    Wait,
)
from gdial.carriers.twilio.passages import split_text
from gdial.carriers.twilio.twiml import MAX_SAY_ENCODED, MAX_SCRIPT_BYTES, language_tag, write
from gdial.errors import InvalidInput

NEXT = "https://calls.example.org/dtmf?a=7&s=1&t=x"
_Gather: Any = Gather
_VoiceResponse: Any = VoiceResponse

plain = st.characters(exclude_categories=["Cc", "Cs", "Cn"])
words = st.text(plain, min_size=1, max_size=40).map(str.strip).filter(bool)
addresses = st.text(plain, max_size=20).map(lambda text: f"https://calls.example.org/{text}".strip())
sounds = st.builds(Sound, addresses)
spoken = st.builds(SpokenByCarrier, words, st.sampled_from(["sv-SE", "en-GB", "de-DE"]))
utterances = st.lists(st.one_of(sounds, spoken), max_size=4)
steps_of_any_kind = st.one_of(
    st.builds(Tell, utterances),
    st.builds(AskForKey, utterances, addresses, st.integers(1, 60)),
    st.builds(Wait, st.integers(1, 30)),
    st.builds(GoTo, addresses),
    st.just(HangUp()),
)


def official_utterances(parent: Any, said: Sequence[Utterance]) -> None:
    for utterance in said:
        if isinstance(utterance, Sound):
            parent.play(utterance.url)
        else:
            parent.say(utterance.text, language=utterance.language)


def official_step(response: Any, step: ScriptStep) -> None:
    match step:
        case Tell():
            official_utterances(response, step.utterances)
        case AskForKey():
            asking = _Gather(
                num_digits=1,
                timeout=step.timeout_seconds,
                finish_on_key="",
                action_on_empty_result=True,
                action=step.next_url,
                method="POST",
            )
            official_utterances(asking, step.utterances)
            response.append(asking)
            response.redirect(step.next_url, method="POST")
        case Wait():
            response.pause(length=step.seconds)
        case GoTo():
            response.redirect(step.url, method="POST")
        case HangUp():
            response.hangup()
        case _:
            assert_never(step)


def official(steps: Sequence[ScriptStep]) -> str:
    response = _VoiceResponse()
    for step in steps:
        official_step(response, step)
    return str(response)


def tree(document: str | bytes) -> object:
    def fold(element: ElementTree.Element) -> object:
        return element.tag, element.attrib, element.text or "", [fold(child) for child in element]

    return fold(ElementTree.fromstring(document))  # noqa: S314


def said(document: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(document).iter("Say")]  # noqa: S314


@settings(deadline=None)
@given(st.lists(steps_of_any_kind, max_size=6))
def test_scripts_are_the_ones_the_official_package_builds(steps: list[ScriptStep]) -> None:
    assert tree(write(steps)) == tree(official(steps))


def test_the_shape_of_a_prompt() -> None:
    document = write([AskForKey([Sound("https://calls.example.org/a/1.wav")], NEXT)]).decode()
    address = "https://calls.example.org/dtmf?a=7&amp;s=1&amp;t=x"
    assert document == (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        '<Gather numDigits="1" timeout="6" finishOnKey="" actionOnEmptyResult="true"'
        f' action="{address}" method="POST">'
        "<Play>https://calls.example.org/a/1.wav</Play></Gather>"
        f'<Redirect method="POST">{address}</Redirect></Response>'
    )


@settings(deadline=None)
@given(st.text(), st.text(), st.text(max_size=6))
def test_any_text_makes_a_readable_document(text: str, url: str, language: str) -> None:
    document = write([Tell([Sound(url), SpokenByCarrier(text, language)]), AskForKey([], url)])
    elements = {element.tag for element in ElementTree.fromstring(document).iter()}  # noqa: S314
    assert elements <= {"Response", "Play", "Say", "Gather", "Redirect"}


def test_control_characters_are_left_out() -> None:
    assert said(write([Tell([SpokenByCarrier("Brand\x00 i\x0b \ud800huset\uffff & <torn>\n", "sv")])])) == [
        "Brand i huset & <torn>"
    ]


def test_nothing_to_say_says_nothing() -> None:
    assert said(write([Tell([SpokenByCarrier(" \x00\n", "sv")]), Wait(0)])) == []


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("sv", "sv-SE"),
        ("en", "en-GB"),
        ("en-us", "en-US"),
        ("sv_FI", "sv-FI"),
        ("NB", "nb-NO"),
        ("uk", "uk"),
        ("", ""),
        ('sv"><Hangup/>', ""),
    ],
)
def test_languages_become_twilios(language: str, tag: str) -> None:
    assert language_tag(language) == tag
    attribute = f' language="{tag}"' if tag else ""
    assert f"<Say{attribute}>Hej</Say>".encode() in write([Tell([SpokenByCarrier("Hej", language)])])


def test_a_long_text_is_spoken_in_passages_and_whole() -> None:
    text = " ".join(f"Mening nummer {number} är här för att räknas." for number in range(300))
    passages = said(write([Tell([SpokenByCarrier(text, "sv")])]))
    assert " ".join(passages) == text
    assert len(passages) > 3
    for passage in passages:
        assert passage.endswith(".")
        assert len(quote(passage, safe="")) <= MAX_SAY_ENCODED


def test_a_script_beyond_the_limit_is_cut_at_a_sentence() -> None:
    text = " ".join(f"Mening nummer {number} & mer." for number in range(5000))
    short = "Kort slut."
    document = write([AskForKey([SpokenByCarrier(text, "sv"), SpokenByCarrier(short, "sv")], NEXT), HangUp()])
    assert MAX_SCRIPT_BYTES // 2 < len(document) <= MAX_SCRIPT_BYTES
    *kept, last = said(document)
    assert last == short
    assert text.startswith(" ".join(kept))
    assert kept[-1].endswith("& mer.")


def test_a_script_too_long_without_its_texts_is_refused() -> None:
    steps = [Tell([Sound(f"https://calls.example.org/audio/{number}.wav")]) for number in range(3000)]
    with pytest.raises(InvalidInput, match="64000"):
        write(steps)


@settings(deadline=None)
@given(st.text(), st.integers(4, 200))
def test_passages_are_the_text_again(text: str, limit: int) -> None:
    passages = split_text(text, len, limit)
    assert "".join(passages) == text
    assert all(len(passage) <= limit for passage in passages)


def test_passages_end_where_a_listener_would_pause() -> None:
    text = "Elden är lös! Gå ut, 3.5 km bort. Vänta där tills vi ringer igen."
    assert split_text(text, len, 34) == ["Elden är lös! Gå ut, 3.5 km bort.", " Vänta där tills vi ringer igen."]
    assert split_text("ett två tre", len, 8) == ["ett två ", "tre"]
    assert split_text("a" * 5, len, 2) == ["aa", "aa", "a"]


def test_an_endless_word_is_cut_in_good_time() -> None:
    passages = said(write([Tell([SpokenByCarrier("å" * 10_000, "sv")])]))
    assert "".join(passages) == "å" * 10_000
    assert all(re.fullmatch("å{1,500}", passage) for passage in passages)
