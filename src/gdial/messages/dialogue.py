"""The script of one call: what is said, and what a press on a key leads to.

    prompt ──listed key──> Thank                    the answer; the call ends
      │  └───────*───────> Ask the next step        heard again, at most five times
      ├──────silence─────> Ask, or Farewell         the prompt is said three times at most
      └──another key─────> Ask, or Farewell         the same, and the person is told that the key has no meaning

Prompts are numbered 0, 1, 2 … as they are said; each number is a step. That the first key of a step wins and the
last step is the answer is decided where the presses are stored, not here: these functions know one call and no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gdial.errors import InvalidInput
from gdial.messages.model import REPEAT_KEY, MessageContent
from gdial.messages.parts import TextPart, render_parts
from gdial.messages.phrases import phrases_for

MAX_PROMPTS_WITHOUT_ANSWER = 3
"""The first time and two repeats; unlisted keys and silence count alike."""

MAX_REPLAYS = 5
"""Asked for with `*`; a further one counts as an unlisted key, so that no call runs for ever."""


@dataclass(frozen=True, slots=True)
class DialogueStep:
    """One prompt: its number from 0, and how many prompts before it brought no answer.

    The other prompts before it were asked for with `*`.
    """

    number: int = 0
    misses: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.misses <= self.number:
            raise InvalidInput(f"there is no step {self.number} after {self.misses} misses", where="step", example="0")

    @property
    def replays(self) -> int:
        return self.number - self.misses


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence and the language it is in; "" is silence. `is_private`: it belongs to a message that names people.

    `recording` names one that is played instead; once it is looked up, `text` is what is said in it, for a voice to
    speak where its sound cannot be had, and `audio_name` tells where that is.
    """

    text: str
    language: str
    is_private: bool = False
    recording: str = ""
    audio_name: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say `before`, then the message, then listen, as this step."""

    step: DialogueStep
    before: Spoken


@dataclass(frozen=True, slots=True)
class Thank:
    """The call has its answer: say the reply and hang up."""

    answer: str
    reply: Spoken


@dataclass(frozen=True, slots=True)
class Farewell:
    """The call ends without an answer: say this and hang up."""

    said: Spoken


Next = Ask | Thank | Farewell

FIRST_STEP = DialogueStep()


def after_press(content: MessageContent, step: DialogueStep, digits: str) -> Next:
    """What the person hears next. `digits` is what the carrier sent for this step, "" when nobody pressed.

    Any text gives a result: of several keys the first one counts, and what is no key is an unlisted one. A message
    without responses is an announcement: it is said again for `*`, else the call ends.
    """
    key = digits.strip()[:1]
    if key == REPEAT_KEY and step.replays < MAX_REPLAYS:
        return Ask(DialogueStep(step.number + 1, step.misses), Spoken("", content.language))
    if key in content.responses:
        return _thank(content, key)
    phrases = phrases_for(content.language)
    if not content.responses:
        return Farewell(_phrase(content, phrases.goodbye))
    if step.misses + 1 >= MAX_PROMPTS_WITHOUT_ANSWER:
        return Farewell(_phrase(content, phrases.no_answer))
    before = _phrase(content, phrases.unknown_key if key else "")
    return Ask(DialogueStep(step.number + 1, step.misses + 1), before)


def after_presses(content: MessageContent, presses: Iterable[str]) -> Next:
    """Where a call is that had these presses, one for each step in order, "" for a step without one.

    Presses after the end of the call are not looked at.
    """
    now: Next = Ask(FIRST_STEP, Spoken("", content.language))
    for digits in presses:
        if not isinstance(now, Ask):
            break
        now = after_press(content, now.step, digits)
    return now


def speak_in(content: MessageContent, text: str) -> Spoken:
    """A part of what this message says. One voice speaks all of it: that of its most private part."""
    return Spoken(text, content.language, content.names_people)


def say_parts(content: MessageContent, parts: Iterable[TextPart], fields: Mapping[str, str]) -> list[Spoken]:
    """What is heard of these parts of the message by somebody with these fields, piece by piece."""
    heard: list[Spoken] = []
    for part in parts:
        if part.recording:
            heard.append(replace(speak_in(content, ""), recording=part.recording))
        else:
            heard += [speak_in(content, text) for text in render_parts([part], fields)]
    return heard


def no_message(language: str) -> Spoken:
    """What is said when the text of a call cannot be found."""
    phrases = phrases_for(language)
    return Spoken(phrases.no_message, phrases.language)


def _thank(content: MessageContent, key: str) -> Thank:
    reply = content.responses[key].reply.strip()
    thanks = phrases_for(content.language).thanks
    return Thank(key, speak_in(content, reply) if reply else _phrase(content, thanks))


def _phrase(content: MessageContent, sentence: str) -> Spoken:
    """A sentence of our own, in the language we have it in, by the voice that speaks the message."""
    return Spoken(sentence, phrases_for(content.language).language, content.names_people)
