"""A message: its text, its language, and its responses. One that exists is valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import TypedDict

from gdial.errors import InvalidInput, Worded
from gdial.messages.render import check_fields, fields_in

MAX_TEXT_CHARACTERS = 5_000
"""About six minutes of speech."""

MAX_LABEL_CHARACTERS = 80
MAX_REPLY_CHARACTERS = 500

ANSWER_KEYS = "0123456789#"
"""Keys a message may give a meaning to."""

REPEAT_KEY = "*"
"""Says the message again; it is listed in no message and works in every one."""

RESPONSES_EXAMPLE = '{"1": {"label": "Coming", "reply": "Thank you"}}'

_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class ResponseJson(TypedDict):
    label: str
    reply: str


class MessageJson(TypedDict):
    text: str
    language: str
    responses: dict[str, ResponseJson]


@dataclass(frozen=True, slots=True)
class Response:
    """What a key means (`label`, for the operator) and what is said back (`reply`, "" for a plain thank-you)."""

    label: str
    reply: str = ""

    def __post_init__(self) -> None:
        _check_text(self.label, "label", MAX_LABEL_CHARACTERS, example="Coming")
        _check_text(self.reply, "reply", MAX_REPLY_CHARACTERS, example="Thank you", may_be_empty=True)
        if "{" in self.reply or "}" in self.reply:
            raise InvalidInput("a reply is the same for everyone and takes no fields in braces", where="reply")


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What one call says. Raises InvalidInput with the field's path (`responses.1.label`) when made of bad parts.

    `text` may hold contact fields such as `{first_name}`. `language` is a BCP 47 tag with a lower-case primary code.
    Without responses there is nothing to answer: the message is an announcement.
    """

    text: str
    language: str
    responses: Mapping[str, Response] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_text(self.text, "text", MAX_TEXT_CHARACTERS, example="The school is closed today.")
        check_fields(self.text)
        object.__setattr__(self, "language", normalise_language(self.language))
        for key in self.responses:
            _check_key(key)
        object.__setattr__(self, "responses", dict(sorted(self.responses.items())))

    @property
    def names_people(self) -> bool:
        """Whether it says to each person something of their own."""
        return bool(fields_in(self.text))

    def to_json(self) -> MessageJson:
        return {"text": self.text, "language": self.language, "responses": responses_to_json(self.responses)}


def read_message(raw: object) -> MessageContent:
    """Message content out of parsed JSON, whatever it is; InvalidInput tells the field that is wrong."""
    if not isinstance(raw, Mapping):
        raise InvalidInput("a message is an object with text, language and responses")
    for name in ("text", "language"):
        if not isinstance(raw.get(name), str):
            raise InvalidInput("this must be a text", where=name)
    return MessageContent(raw["text"], raw["language"], read_responses(raw.get("responses")))


def read_responses(raw: object) -> dict[str, Response]:
    """Responses out of parsed JSON, by key; None is none. Raises InvalidInput with the path of what is wrong."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise InvalidInput(
            "responses are an object with one entry for each key", where="responses", example=RESPONSES_EXAMPLE
        )
    return {_check_key(key): _read_response(key, response) for key, response in raw.items()}


def responses_to_json(responses: Mapping[str, Response]) -> dict[str, ResponseJson]:
    return {key: {"label": response.label, "reply": response.reply} for key, response in responses.items()}


def normalise_language(tag: str) -> str:
    """A BCP 47 tag with its primary code in lower case and hyphens (`SV_se` is `sv-SE`); InvalidInput for no tag."""
    found = _LANGUAGE_TAG.fullmatch(tag.strip())
    if not found:
        raise InvalidInput(Worded("{tag!r} is not a language code", tag=tag[:40]), where="language", example="sv")
    subtags = (part.upper() if len(part) == 2 else part for part in re.split("[-_]", found[2])[1:])
    return "-".join((found[1].lower(), *subtags))


def _read_response(key: str, raw: object) -> Response:
    where = f"responses.{key}"
    if not isinstance(raw, Mapping):
        raise InvalidInput("a response is an object with label and reply", where=where, example=RESPONSES_EXAMPLE)
    label, reply = raw.get("label"), raw.get("reply", "")
    for name, value in (("label", label), ("reply", reply)):
        if not isinstance(value, str):
            raise InvalidInput("this must be a text", where=f"{where}.{name}", example=RESPONSES_EXAMPLE)
    unknown = [str(name) for name in raw if name not in ("label", "reply")]
    if unknown:
        raise InvalidInput(
            Worded("there is no {name!r} in a response, only label and reply", name=unknown[0][:40]), where=where
        )
    try:
        return Response(str(label), str(reply))
    except InvalidInput as error:
        raise InvalidInput(error.reason, where=f"{where}.{error.where}", example=error.example) from error


def _check_key(key: object) -> str:
    if isinstance(key, str) and len(key) == 1 and key in ANSWER_KEYS:
        return key
    reason = Worded("a response's key is one of 0-9 and #")
    if key == REPEAT_KEY:
        reason = Worded("a response's key is one of 0-9 and #; * always says the message again")
    raise InvalidInput(reason, where=f"responses.{str(key)[:40]}", example=RESPONSES_EXAMPLE)


def _check_text(text: str, where: str, most: int, *, example: str, may_be_empty: bool = False) -> None:
    if not text.strip() and not may_be_empty:
        raise InvalidInput("this must not be empty", where=where, example=example)
    if len(text) > most:
        raise InvalidInput(
            Worded("this is {length:,} characters long; at most {most:,} are allowed", length=len(text), most=most),
            where=where,
        )
    sign = _UNSPEAKABLE.search(text)
    if sign:
        raise InvalidInput(
            Worded(
                "there is a sign nobody can say (code {code}) at place {place}",
                code=ord(sign[0]),
                place=sign.start() + 1,
            ),
            where=where,
        )
