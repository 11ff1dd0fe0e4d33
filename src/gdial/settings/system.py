"""System settings: what an operator changes while GDial runs. Each has a default, a unit, bounds and help here; a value
that was changed is kept in the database. Where there is an environment setting for it, that is the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gdial.dialing.policy import BOUNDS, Policy, ReachedWhen
from gdial.errors import InvalidInput, NotFound
from gdial.messages.model import MAX_TEXT_CHARACTERS, normalise_language
from gdial.messages.phrases import phrases_for
from gdial.settings.fields import Settings

Value = str | int | bool
Kind = Literal["whole number", "text", "yes or no", "choice", "language"]

MAX_NAME_CHARACTERS = 100
MAX_GREETING_CHARACTERS = 500
assert MAX_GREETING_CHARACTERS < MAX_TEXT_CHARACTERS  # noqa: S101 - a greeting is spoken as a message is


@dataclass(frozen=True, slots=True)
class SystemSetting:
    """`lowest` and `highest` bound a whole number, or the characters of a text; `choices` are those of a choice."""

    key: str
    kind: Kind
    default: Callable[[Settings], Value]
    help: str
    example: str
    unit: str = ""
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """In words."""
        match self.kind:
            case "whole number":
                return f"a whole number from {self.lowest} to {self.highest}"
            case "text":
                may_be_empty = "" if self.lowest else ", or none"
                return f"a text of at most {self.highest} characters{may_be_empty}"
            case "yes or no":
                return "true or false"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "language":
                return "a language code, such as sv or en-GB"

    def read(self, value: object) -> Value:
        """The value as it is kept. Raises InvalidInput with the reason and a right example."""
        match self.kind:
            case "whole number" if self._is_within(value):
                return value  # type: ignore[return-value]
            case "text" if isinstance(value, str):
                return self._read_text(value)
            case "yes or no" if isinstance(value, bool):
                return value
            case "choice" if value in self.choices:
                return str(value)
            case "language" if isinstance(value, str):
                return self._read_language(value)
        raise self._refused(f"{str(value)[:80]!r} is not {self.allowed}")

    def _is_within(self, value: object) -> bool:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and (self.lowest or 0) <= value <= (self.highest or 0)  # type: ignore[operator]

    def _read_text(self, text: str) -> str:
        cleaned = " ".join(text.split())
        if not (self.lowest or 0) <= len(cleaned) <= (self.highest or 0):
            raise self._refused(f"{len(cleaned)} characters are not {self.allowed}")
        if not cleaned.isprintable():
            raise self._refused("there is a sign in it that nobody can say")
        return cleaned

    def _read_language(self, tag: str) -> str:
        try:
            return normalise_language(tag)
        except InvalidInput as error:
            raise self._refused(error.reason) from None

    def _refused(self, reason: str) -> InvalidInput:
        return InvalidInput(reason, where="value", example=self.example)


def _of_policy(name: str, help_text: str, unit: str) -> SystemSetting:
    low, high = BOUNDS[name]
    default = int(getattr(Policy(), name))

    def from_environment(settings: Settings) -> Value:
        return settings.call_timeout_sec if name == "ring_timeout_seconds" else default

    return SystemSetting(
        name, "whole number", from_environment, help_text, str(default), unit=unit, lowest=low, highest=high
    )


def _greeting(language: str) -> SystemSetting:
    sentence = phrases_for(language).nothing_for_you
    return SystemSetting(
        f"ring_back_unknown_{language}",
        "text",
        lambda _: sentence,
        "Said to somebody who rings back and for whom there is no message, where default_language is this one.",
        sentence,
        unit="characters",
        lowest=1,
        highest=MAX_GREETING_CHARACTERS,
    )


_ALL = (
    SystemSetting(
        "organisation_name",
        "text",
        lambda _: "",
        "Who rings: said to those who ring back. Empty: it is not said.",
        "Norra skolan",
        unit="characters",
        lowest=0,
        highest=MAX_NAME_CHARACTERS,
    ),
    SystemSetting(
        "default_language",
        "language",
        lambda settings: settings.default_language,
        "Language of messages that name none, and of contacts without one.",
        "sv",
    ),
    _of_policy("ring_timeout_seconds", "How long a phone rings; voicemail picks up near 30.", "seconds"),
    _of_policy("rounds", "How often all of a person's numbers are tried.", "rounds"),
    _of_policy("wait_between_numbers_seconds", "Pause before a person's next number.", "seconds"),
    _of_policy("wait_between_rounds_seconds", 'Pause before a person\'s next round; a second ring within 180 breaks '
               'through "do not disturb".', "seconds"),
    _of_policy("deadline_minutes", "Nobody is rung later than this after the start.", "minutes"),
    SystemSetting(
        "reached_when",
        "choice",
        lambda _: Policy().reached_when.value,
        "What proves that a person was reached: a key, or that somebody answered.",
        "key",
        choices=tuple(ReachedWhen),
    ),
    SystemSetting(
        "retention_days",
        "whole number",
        lambda settings: settings.retention_days,
        "Names, numbers and keys of runs that ended longer ago are cleared; counts and outcomes stay.",
        "90",
        unit="days",
        lowest=1,
        highest=3650,
    ),
    SystemSetting(
        "audit_log_days",
        "whole number",
        lambda _: 365,
        "How long the log keeps who did what.",
        "365",
        unit="days",
        lowest=1,
        highest=3650,
    ),
    SystemSetting(
        "ring_back_answers",
        "yes or no",
        lambda _: True,
        "Whether somebody who rings back may answer by key; else they only hear the message.",
        "true",
    ),
    SystemSetting(
        "ring_back_hours",
        "whole number",
        lambda _: 24,
        "How long after the end of a run those who ring back still hear its message; 0: only while it goes on.",
        "24",
        unit="hours",
        lowest=0,
        highest=720,
    ),
    _greeting("sv"),
    _greeting("en"),
)  # fmt: skip

SYSTEM_SETTINGS: Mapping[str, SystemSetting] = {setting.key: setting for setting in _ALL}
POLICY_KEYS = (*BOUNDS, "reached_when")


def find_system_setting(key: str) -> SystemSetting:
    """Raises NotFound naming those there are."""
    try:
        return SYSTEM_SETTINGS[key]
    except KeyError:
        raise NotFound("system setting", repr(key[:80]), hint=f"there are {', '.join(SYSTEM_SETTINGS)}") from None


@dataclass(frozen=True, slots=True)
class SystemValues:
    """Every system setting as it is in force now: what was changed, over the defaults of this environment."""

    settings: Settings
    changed: Mapping[str, Value]

    def get(self, key: str) -> Value:
        """Raises NotFound."""
        setting = find_system_setting(key)
        return self.changed[key] if key in self.changed else setting.default(self.settings)

    def text(self, key: str) -> str:
        return str(self.get(key))

    def number(self, key: str) -> int:
        return int(self.get(key))

    @property
    def policy(self) -> Policy:
        """What a run has where it does not say."""
        numbers = {name: self.number(name) for name in BOUNDS}
        return Policy(**numbers, reached_when=ReachedWhen(self.text("reached_when")))
