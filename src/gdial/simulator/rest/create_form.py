"""Reads the form that creates a call. Source: https://www.twilio.com/docs/voice/api/call-resource#create-a-call"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from multidict import MultiMapping

from gdial.simulator.calls.request import CallRequest, MachineDetection, Target
from gdial.simulator.people.profile import E164
from gdial.simulator.rest.errors import RestError, invalid_parameter

Form = MultiMapping[str]

LONGEST_TWIML_CHARACTERS = 4000
LONGEST_URL_CHARACTERS = 4000
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
DECORATION = re.compile(r"[\s().\-]")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
NO_TO, NO_FROM, BAD_TO, BAD_FROM, UNVERIFIED_FROM = 21201, 21213, 21211, 21212, 21210
BAD_URL, BAD_TIMEOUT, BAD_APPLICATION = 21205, 21208, 21218
BAD_STATUS_CALLBACK, BAD_EVENT = 21609, 21626


def read_create_form(form: Form, caller_ids: Sequence[str]) -> CallRequest:
    """The call that a form asks for; raises `RestError` for the first thing wrong with it."""
    to, from_ = _read_numbers(form, caller_ids)
    script = read_target(form, "Url", "Method", BAD_URL)
    detection = _read_detection(form)
    return CallRequest(
        to=to,
        from_=from_,
        script=script,
        twiml=_read_twiml(form) if script is None else None,
        fallback=read_target(form, "FallbackUrl", "FallbackMethod", BAD_URL),
        status_callback=read_status_callback(form),
        events=_read_events(form),
        ring_timeout_seconds=_read_ring_timeout(form),
        time_limit_seconds=read_whole(form, "TimeLimit", 14_400, 1, 86_400),
        machine_detection=detection,
        machine_detection_timeout_seconds=read_whole(form, "MachineDetectionTimeout", 30, 3, 59),
        detects_in_background=_read_flag(form, "AsyncAmd"),
        detection_callback=read_target(form, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", BAD_URL),
    )


def read_target(form: Form, url_name: str, method_name: str, code: int) -> Target | None:
    """The address in `url_name` with its method; an empty one is none."""
    url = form.get(url_name, "").strip()
    method = form.get(method_name, "POST").upper() or "POST"
    if method not in ("GET", "POST"):
        raise invalid_parameter(method_name, f"{method!r} is not GET or POST")
    if not url:
        return None
    if not is_web_address(url):
        raise RestError(400, code, f"{url_name} is not a valid URL: {url}")
    return Target(url, method)


def read_status_callback(form: Form) -> Target | None:
    """The address for status callbacks, whose host may have no underscore."""
    target = read_target(form, "StatusCallback", "StatusCallbackMethod", BAD_STATUS_CALLBACK)
    if target is not None and "_" in (urlsplit(target.url).hostname or ""):
        raise RestError(400, BAD_STATUS_CALLBACK, f"StatusCallback has an underscore in its host name: {target.url}")
    return target


def read_whole(form: Form, name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number within bounds."""
    text = form.get(name, "").strip()
    if not text:
        return default
    if not (WHOLE_NUMBER.fullmatch(text) and lowest <= int(text) <= highest):
        raise invalid_parameter(name, f"{text!r} is not a whole number from {lowest} to {highest}")
    return int(text)


def is_web_address(url: str) -> bool:
    """Whether this is an absolute http or https URL."""
    try:
        parts = urlsplit(url)
        return (
            len(url) <= LONGEST_URL_CHARACTERS
            and parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def _read_numbers(form: Form, caller_ids: Sequence[str]) -> tuple[str, str]:
    to, from_ = form.get("To", "").strip(), form.get("From", "").strip()
    if not to:
        raise RestError(400, NO_TO, "No 'To' number is specified")
    if not from_:
        raise RestError(400, NO_FROM, "No 'From' number is specified")
    to_number, from_number = DECORATION.sub("", to), DECORATION.sub("", from_)
    if not E164.fullmatch(to_number):
        raise RestError(400, BAD_TO, f"The phone number you are attempting to call, {to}, is not valid.")
    if not E164.fullmatch(from_number):
        raise RestError(400, BAD_FROM, f"The source phone number provided, {from_}, is not valid.")
    if caller_ids and from_number not in caller_ids:
        message = f"The source phone number provided, {from_}, is not yet verified for your account."
        raise RestError(400, UNVERIFIED_FROM, message)
    return to_number, from_number


def _read_twiml(form: Form) -> str:
    twiml = form.get("Twiml", "")
    if not twiml.strip():
        if form.get("ApplicationSid"):
            raise RestError(400, BAD_APPLICATION, "ApplicationSid is not valid: this network has no applications")
        raise RestError(400, BAD_URL, "Url parameter is required.")
    if len(twiml) > LONGEST_TWIML_CHARACTERS:
        raise invalid_parameter("Twiml", f"longer than {LONGEST_TWIML_CHARACTERS} characters")
    return twiml


def _read_events(form: Form) -> frozenset[str]:
    # The vendor's own libraries repeat the key; some older programs put several names into one, with spaces.
    names = frozenset(name for value in form.getall("StatusCallbackEvent", []) for name in value.split())
    if not names <= EVENTS:
        raise RestError(400, BAD_EVENT, f"Invalid StatusCallbackEvent: {', '.join(sorted(names - EVENTS))}")
    return names or frozenset({"completed"})


def _read_ring_timeout(form: Form) -> int:
    try:
        return read_whole(form, "Timeout", 60, 1, 600)
    except RestError as error:
        raise RestError(400, BAD_TIMEOUT, str(error)) from error


def _read_detection(form: Form) -> MachineDetection | None:
    value = form.get("MachineDetection", "").strip().lower()
    if value in ("", "none") or form.get("SendDigits"):
        return None
    if value == "enable":
        return "Enable"
    if value == "detectmessageend":
        return "DetectMessageEnd"
    raise invalid_parameter("MachineDetection", f"{value!r} is not Enable or DetectMessageEnd")


def _read_flag(form: Form, name: str) -> bool:
    value = form.get(name, "false").strip().lower() or "false"
    if value not in ("true", "false"):
        raise invalid_parameter(name, f"{value!r} is not true or false")
    return value == "true"
