"""What a person hears after each press."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.messages.dialogue import (
    FIRST_STEP,
    Ask,
    DialogueStep,
    Farewell,
    Spoken,
    Thank,
    after_press,
    after_presses,
    no_message,
)
from gdial.messages.model import MessageContent, Response
from gdial.messages.phrases import PHRASES_BY_LANGUAGE, phrases_for

COMING = MessageContent("Kommer du?", "sv", {"1": Response("Kommer", "Tack, vi ses."), "2": Response("Kommer inte")})
ANNOUNCEMENT = MessageContent("Skolan är stängd.", "sv")

NO_ANSWER = Farewell(Spoken("Vi hörde inget svar. Hej då.", "sv"))


def test_first_prompt() -> None:
    assert after_presses(COMING, []) == Ask(DialogueStep(0, 0), Spoken("", "sv"))


def test_listed_key_is_the_answer() -> None:
    assert after_press(COMING, FIRST_STEP, "1") == Thank("1", Spoken("Tack, vi ses.", "sv"))
    assert after_press(COMING, FIRST_STEP, "2") == Thank("2", Spoken("Tack för svaret. Hej då.", "sv"))


def test_listed_key_is_the_answer_at_the_last_prompt_too() -> None:
    assert after_presses(COMING, ["", "9", "1"]) == Thank("1", Spoken("Tack, vi ses.", "sv"))


@pytest.mark.parametrize("wrong", ["", "9", "#", "x", "0"])
def test_prompt_is_repeated_twice_then_it_is_no_answer(wrong: str) -> None:
    assert after_presses(COMING, [wrong]) == Ask(
        DialogueStep(1, 1), Spoken("Den knappen gäller inte." if wrong else "", "sv")
    )
    assert isinstance(after_presses(COMING, [wrong] * 2), Ask)
    assert after_presses(COMING, [wrong] * 3) == NO_ANSWER


def test_silence_and_unlisted_keys_count_alike() -> None:
    assert after_presses(COMING, ["", "7", ""]) == NO_ANSWER


def test_star_says_it_again_and_is_no_wrong_key() -> None:
    assert after_presses(COMING, ["*"]) == Ask(DialogueStep(1, 0), Spoken("", "sv"))
    assert after_presses(COMING, ["*", "*", "", "*", "", "*"]) == Ask(DialogueStep(6, 2), Spoken("", "sv"))
    assert after_presses(COMING, ["*", "", "*", "", "1"]) == Thank("1", Spoken("Tack, vi ses.", "sv"))


def test_star_works_five_times_and_then_is_a_wrong_key() -> None:
    assert after_presses(COMING, ["*"] * 5) == Ask(DialogueStep(5, 0), Spoken("", "sv"))
    assert after_presses(COMING, ["*"] * 6) == Ask(DialogueStep(6, 1), Spoken("Den knappen gäller inte.", "sv"))
    assert after_presses(COMING, ["*"] * 8) == NO_ANSWER


@pytest.mark.parametrize(("digits", "answer"), [("12", "1"), (" 1 ", "1"), ("1#", "1"), ("2w1", "2")])
def test_of_several_keys_the_first_counts(digits: str, answer: str) -> None:
    after = after_press(COMING, FIRST_STEP, digits)
    assert isinstance(after, Thank)
    assert after.answer == answer


def test_presses_after_the_end_change_nothing() -> None:
    assert after_presses(COMING, ["1", "2"]) == after_presses(COMING, ["1"])


def test_announcement_is_said_once_or_again_for_star() -> None:
    goodbye = Farewell(Spoken("Hej då.", "sv"))
    for digits in ("", "1", "#", "x"):
        assert after_press(ANNOUNCEMENT, FIRST_STEP, digits) == goodbye
    assert after_presses(ANNOUNCEMENT, ["*"]) == Ask(DialogueStep(1, 0), Spoken("", "sv"))
    assert after_presses(ANNOUNCEMENT, ["*"] * 6) == goodbye


def test_language_without_phrases_is_answered_in_english_by_an_english_voice() -> None:
    finnish = MessageContent("Tuletko?", "fi", {"1": Response("Tulen", "Kiitos")})
    assert after_presses(finnish, [""] * 3) == Farewell(Spoken("We heard no answer. Goodbye.", "en"))
    assert after_press(finnish, FIRST_STEP, "1") == Thank("1", Spoken("Kiitos", "fi"))


def test_phrases_by_language() -> None:
    assert phrases_for("sv-SE").language == phrases_for("SV_se").language == "sv"
    assert phrases_for("").language == phrases_for("xx").language == "en"
    assert no_message("sv").language == "sv"
    for phrases in PHRASES_BY_LANGUAGE.values():
        assert all((phrases.no_answer, phrases.unknown_key, phrases.thanks, phrases.goodbye, phrases.no_message))


@pytest.mark.parametrize(("number", "misses"), [(-1, 0), (0, 1), (0, -1), (3, 4)])
def test_step_that_cannot_be(number: int, misses: int) -> None:
    with pytest.raises(InvalidInput, match=r"^step: "):
        DialogueStep(number, misses)


contents = st.builds(
    lambda keys, language: MessageContent("Hej", language, {key: Response(f"label {key}") for key in keys}),
    st.sets(st.sampled_from("0123456789#")),
    st.sampled_from(("sv", "en", "fi")),
)


@given(contents, st.lists(st.text(max_size=3) | st.sampled_from(("", "*", "1", "#")), max_size=20))
def test_every_call_ends_and_every_press_has_a_result(content: MessageContent, presses: list[str]) -> None:
    prompts, now = 0, after_presses(content, [])
    for digits in [*presses, *[""] * 3]:
        if not isinstance(now, Ask):
            break
        assert now.step.number == prompts
        prompts += 1
        now = after_press(content, now.step, digits)
    assert isinstance(now, Thank | Farewell)
    assert prompts <= 3 + 5
    if isinstance(now, Thank):
        assert now.answer in content.responses


@given(contents, st.integers(0, 10**9), st.integers(0, 10**9), st.text())
def test_no_step_is_too_far(content: MessageContent, number: int, misses: int, digits: str) -> None:
    after = after_press(content, DialogueStep(max(number, misses), min(number, misses)), digits)
    assert isinstance(after, Ask | Thank | Farewell)
