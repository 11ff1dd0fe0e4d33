"""What a message may hold, and how it travels as JSON."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.messages.model import MessageContent, Response, normalise_language, read_message, read_responses

COMING = {"1": {"label": "Coming", "reply": "Thank you"}, "#": {"label": "Not coming", "reply": ""}}


def test_message_through_json_and_back() -> None:
    raw = {"text": "Hej {first_name}!", "language": "sv", "responses": COMING}
    content = read_message(json.loads(json.dumps(raw)))
    assert content.to_json() == raw
    assert read_message(content.to_json()) == content
    assert content.responses["1"] == Response("Coming", "Thank you")
    assert pickle.loads(pickle.dumps(content)) == content  # noqa: S301


def test_reply_may_be_left_out_and_responses_too() -> None:
    assert read_responses({"2": {"label": "No"}}) == {"2": Response("No", "")}
    assert read_responses(None) == {}
    assert read_message({"text": "Hej", "language": "sv"}).responses == {}


@pytest.mark.parametrize("key", list("0123456789#"))
def test_keys_a_message_may_use(key: str) -> None:
    assert key in read_responses({key: {"label": "Yes"}})


@pytest.mark.parametrize(
    ("raw", "where", "reason"),
    [
        ([], "responses", "one entry for each key"),
        ("1", "responses", "one entry for each key"),
        ({"*": {"label": "x"}}, "responses.*", "* always says the message again"),
        ({"12": {"label": "x"}}, "responses.12", "one of 0-9 and #"),
        ({"": {"label": "x"}}, "responses.", "one of 0-9 and #"),
        ({"a": {"label": "x"}}, "responses.a", "one of 0-9 and #"),
        ({"٣": {"label": "x"}}, "responses.٣", "one of 0-9 and #"),
        ({1: {"label": "x"}}, "responses.1", "one of 0-9 and #"),
        ({"1": "Coming"}, "responses.1", "an object with label and reply"),
        ({"1": {}}, "responses.1.label", "must be a text"),
        ({"1": {"label": 7}}, "responses.1.label", "must be a text"),
        ({"1": {"label": "  "}}, "responses.1.label", "must not be empty"),
        ({"1": {"label": "x" * 81}}, "responses.1.label", "81 characters long; at most 80"),
        ({"1": {"label": "x", "reply": None}}, "responses.1.reply", "must be a text"),
        ({"1": {"label": "x", "reply": "y" * 501}}, "responses.1.reply", "at most 500"),
        ({"1": {"label": "x", "reply": "Tack {name}"}}, "responses.1.reply", "no fields"),
        ({"1": {"label": "x", "reply": "\x00"}}, "responses.1.reply", "nobody can say"),
        ({"1": {"label": "x", "answer": "y"}}, "responses.1", "no 'answer' in a response"),
    ],
)
def test_bad_responses_are_told_with_their_path(raw: object, where: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_responses(raw)
    assert refused.value.where == where
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must not be empty"),
        (" \n", "must not be empty"),
        ("x" * 5001, "5,001 characters long; at most 5,000"),
        ("Hej\x07", "nobody can say (code 7) at place 4"),
        ("Hej \ud800", "nobody can say"),
        ("Hej {förnamn}", "there are {name}, {first_name}, {group}"),
        ("Hej {", "lone {"),
        ("Hej }", "lone }"),
    ],
)
def test_bad_text(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        MessageContent(text, "sv")
    assert refused.value.where == "text"
    assert reason in refused.value.reason


def test_longest_text_is_taken() -> None:
    assert len(MessageContent("å" * 5000, "sv").text) == 5000


@pytest.mark.parametrize(
    ("tag", "normal"), [("sv", "sv"), ("SV_se", "sv-SE"), (" en-GB ", "en-GB"), ("zh-Hant", "zh-Hant"), ("fin", "fin")]
)
def test_language_tags(tag: str, normal: str) -> None:
    assert normalise_language(tag) == normal
    assert MessageContent("Hej", tag).language == normal


@pytest.mark.parametrize("tag", ["", "s", "svenska språket", "sv-", "1", "s\u00e9"])
def test_bad_language_tags(tag: str) -> None:
    with pytest.raises(InvalidInput, match=r"^language: .*example: sv"):
        normalise_language(tag)


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (None, ""),
        ([], ""),
        ({}, "text"),
        ({"text": 1}, "text"),
        ({"text": "a"}, "language"),
        ({"text": "a", "language": 1}, "language"),
    ],
)
def test_message_that_is_no_message(raw: object, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_message(raw)
    assert refused.value.where == where


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("1", "*", "label", "reply", "text", "language", "responses")), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_a_message_or_refused(raw: object) -> None:
    try:
        content = read_message(raw)
    except InvalidInput:
        return
    assert read_message(content.to_json()) == content
