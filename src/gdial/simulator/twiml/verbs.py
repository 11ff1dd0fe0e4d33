"""The verbs that are simulated. Source: https://www.twilio.com/docs/voice/twiml"""

from __future__ import annotations

from dataclasses import dataclass

MOST_LOOPS = 1000
DTMF_TONE_SECONDS = 0.25
DTMF_PAUSE_SECONDS = 0.5
SPOKEN_CHARACTERS_PER_SECOND = 14.0


@dataclass(frozen=True, slots=True)
class Play:
    """Play the audio at `url`, or the tones of `digits`, `loop` times."""

    url: str
    digits: str = ""
    loop: int = 1

    @property
    def tone_seconds(self) -> float:
        """How long the tones of `digits` sound."""
        return sum(DTMF_PAUSE_SECONDS if key in "wW" else DTMF_TONE_SECONDS for key in self.digits)


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text`, `loop` times."""

    text: str
    language: str = "en-US"
    loop: int = 1

    @property
    def spoken_seconds(self) -> float:
        """An estimate: no voice speaks here."""
        return 0.5 + len(self.text) / SPOKEN_CHARACTERS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent."""

    length_seconds: float = 1.0


Prompt = Play | Say | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect keys; the prompts are interrupted by the first one. `num_digits` 0 is as many as come."""

    prompts: tuple[Prompt, ...] = ()
    action: str = ""
    method: str = "POST"
    timeout_seconds: float = 5.0
    finish_on_key: str = "#"
    num_digits: int = 0
    action_on_empty_result: bool = False
    takes_keys: bool = True


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document; an empty `url` is this one again."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call; a Reject on a call that was answered does the same."""


Verb = Play | Say | Pause | Gather | Redirect | Hangup


@dataclass(frozen=True, slots=True)
class Document:
    """A read document: its verbs, and the complaints a validator would log (the call goes on)."""

    verbs: tuple[Verb, ...]
    complaints: tuple[str, ...] = ()
