"""Reads the answer of the application as instructions for the call."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

from gdial.simulator.twiml.verbs import MOST_LOOPS, Document, Gather, Hangup, Pause, Play, Prompt, Redirect, Say, Verb

PARSE_FAILURE = 12100
WRONG_CONTENT_TYPE = 12300
SCHEMA_WARNING = 12200
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
KEYS = "0123456789*#"
KNOWN_ATTRIBUTES = {
    "Play": {"loop", "digits"},
    "Say": {"language", "voice", "loop"},
    "Pause": {"length"},
    "Gather": {
        *("action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult", "input", "language"),
        *("hints", "speechTimeout", "speechModel", "enhanced", "profanityFilter", "bargeIn", "debug"),
        *("partialResultCallback", "partialResultCallbackMethod", "maxSpeechTime"),
    },
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
}


class TwimlError(Exception):
    """The answer is no TwiML; `code` is the vendor's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_answer(content_type: str, body: bytes, url: str) -> Document:
    """Read an answer by its content type: XML is followed, plain text is spoken, audio is played."""
    if content_type in XML_TYPES:
        return read_twiml(body)
    if content_type == "text/plain":
        return Document((Say(body.decode("utf-8", "replace").strip()),))
    if content_type.startswith("audio/"):
        return Document((Play(url),))
    raise TwimlError(WRONG_CONTENT_TYPE, f"the answer is {content_type}, not text/xml or application/xml")


def read_twiml(body: bytes) -> Document:
    """Read a TwiML document; raises `TwimlError` when it is no XML or its root is no Response.

    An unknown verb or a bad attribute is complained of and left out: the vendor's 12200 is a warning.
    """
    if b"<!DOCTYPE" in body:
        raise TwimlError(PARSE_FAILURE, "a document type is not allowed")
    try:
        # Expat expands no external entity, and without a document type there are no internal ones.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise TwimlError(PARSE_FAILURE, f"the document is no XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(PARSE_FAILURE, f"the root is <{root.tag}>, not <Response>")
    reader = _Reader()
    verbs = [verb for element in root if (verb := reader.read_verb(element)) is not None]
    return Document(tuple(verbs), tuple(reader.complaints))


class _Reader:
    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._readers: dict[str, Callable[[ElementTree.Element], Verb | None]] = {
            "Play": self._read_play,
            "Say": self._read_say,
            "Pause": lambda element: Pause(self._whole(element, "length", 1, lowest=0)),
            "Gather": self._read_gather,
            "Redirect": lambda element: Redirect(_text_of(element), self._method(element)),
            "Hangup": lambda _: Hangup(),
            "Reject": lambda _: Hangup(),
        }

    def read_verb(self, element: ElementTree.Element) -> Verb | None:
        reader = self._readers.get(element.tag)
        if reader is None:
            self._complain(f"<{element.tag}> is unknown here and left out")
            return None
        for name in element.attrib.keys() - KNOWN_ATTRIBUTES[element.tag]:
            self._complain(f"<{element.tag}> has no attribute {name}")
        return reader(element)

    def _read_play(self, element: ElementTree.Element) -> Play | None:
        url, digits = _text_of(element), element.get("digits", "")
        if not url and not digits:
            self._complain("<Play> names neither audio nor digits")
            return None
        return Play(url, digits, self._loop(element))

    def _read_say(self, element: ElementTree.Element) -> Say | None:
        text = " ".join("".join(element.itertext()).split())
        if not text:
            self._complain("<Say> has nothing to say")
            return None
        return Say(text, element.get("language", "en-US"), self._loop(element))

    def _read_gather(self, element: ElementTree.Element) -> Gather:
        prompts: list[Prompt] = []
        for nested in element:
            verb = self.read_verb(nested) if nested.tag in ("Play", "Say", "Pause") else None
            if isinstance(verb, Play | Say | Pause):
                prompts.append(verb)
            elif nested.tag not in ("Play", "Say", "Pause"):
                self._complain(f"<{nested.tag}> cannot stand in <Gather> and is left out")
        return Gather(
            tuple(prompts),
            action=element.get("action", "").strip(),
            method=self._method(element),
            timeout_seconds=self._timeout(element),
            finish_on_key=self._finish_on_key(element),
            num_digits=self._whole(element, "numDigits", 0, lowest=1),
            action_on_empty_result=self._flag(element, "actionOnEmptyResult"),
            takes_keys="dtmf" in element.get("input", "dtmf").split(),
        )

    def _timeout(self, element: ElementTree.Element) -> int:
        # "auto" ends speech early; for keys it is the default.
        return 5 if element.get("timeout") == "auto" else self._whole(element, "timeout", 5, lowest=1)

    def _finish_on_key(self, element: ElementTree.Element) -> str:
        key = element.get("finishOnKey", "#")
        if key and (len(key) != 1 or key not in KEYS):
            self._complain(f"<{element.tag}> finishOnKey is {key!r}, not one of {KEYS} or empty")
            return "#"
        return key

    def _loop(self, element: ElementTree.Element) -> int:
        loop = self._whole(element, "loop", 1, lowest=0)
        return MOST_LOOPS if loop == 0 else min(loop, MOST_LOOPS)

    def _method(self, element: ElementTree.Element) -> str:
        method = element.get("method", "POST").upper()
        if method not in ("GET", "POST"):
            self._complain(f"<{element.tag}> method is {method!r}, not GET or POST")
            return "POST"
        return method

    def _flag(self, element: ElementTree.Element, name: str) -> bool:
        value = element.get(name, "false").lower()
        if value not in ("true", "false"):
            self._complain(f"<{element.tag}> {name} is {value!r}, not true or false")
        return value == "true"

    def _whole(self, element: ElementTree.Element, name: str, default: int, *, lowest: int) -> int:
        value = element.get(name)
        if value is None:
            return default
        if not (WHOLE_NUMBER.fullmatch(value) and int(value) >= lowest):
            self._complain(f"<{element.tag}> {name} is {value!r}, not a whole number from {lowest} (at most 9 digits)")
            return default
        return int(value)

    def _complain(self, complaint: str) -> None:
        self.complaints.append(complaint)


def _text_of(element: ElementTree.Element) -> str:
    return (element.text or "").strip()
