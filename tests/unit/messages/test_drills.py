"""Nobody who hears a drill takes it for real."""

from __future__ import annotations

import pytest

from gdial.errors import InvalidInput
from gdial.messages.drills import as_drill
from gdial.messages.model import MAX_TEXT_CHARACTERS, MessageContent, Response


@pytest.mark.parametrize(
    ("language", "said"),
    [("sv-SE", "Det här är en övning. Brand."), ("en", "This is a drill. Brand."), ("fi", "This is a drill. Brand.")],
)
def test_a_drill_says_so_first_in_the_language_of_the_message(language: str, said: str) -> None:
    content = MessageContent("Brand.", language, {"1": Response("Kommer")})
    assert as_drill(content).text == said
    assert as_drill(content).responses == content.responses


def test_a_text_without_room_for_it_is_refused_before_anybody_is_rung() -> None:
    with pytest.raises(InvalidInput, match="19 characters too long"):
        as_drill(MessageContent("x" * (MAX_TEXT_CHARACTERS - 3), "sv"))
