"""`/voice`, `/custom-voice`, `/dtmf` and `/call-status`: plain routes, answered after the commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from gdial.actions.answer_call import Script, answer_call, answer_press
from gdial.actions.record_event import CallNamed, record_status
from gdial.actions.ring_back import answer_ring_back, answer_ring_back_press
from gdial.actions.webhook_links import Purpose
from gdial.carriers.base import GoTo, HangUp, PressWord, SpokenByCarrier, Tell, Wait
from gdial.errors import DatabaseUnavailable, InvalidInput
from gdial.messages.dialogue import no_message
from gdial.runtime import Network, Runtime
from gdial.web.webhooks.verification import Verdict, Webhook, verify

log = structlog.get_logger(__name__)

MOST_WAITS = 5
WAIT_SECONDS = 2
"""A caller is kept on the line for so long while the database is away."""
STEPS = 1_000

Answerer = Callable[[Runtime, Request, CallNamed, PressWord], Awaitable[Script | None]]


async def voice(request: Request) -> Response:
    return await _answer(request, Purpose.VOICE, _message)


async def dtmf(request: Request) -> Response:
    return await _answer(request, Purpose.PRESS, _reply)


async def call_status(request: Request) -> Response:
    rt: Runtime = request.app.state.runtime
    webhook = await verify(rt, request, Purpose.STATUS)
    if webhook.verdict is Verdict.FORGED:
        return _forbidden()
    if webhook.attempt_id is None or webhook.network is None:
        return Response(status_code=204)
    try:
        word = webhook.network.carrier.read_status(webhook.body)
        await record_status(rt, CallNamed(webhook.attempt_id, word.sid, webhook.mode), word)
    except InvalidInput as error:
        return PlainTextResponse(str(error), status_code=400)
    except DatabaseUnavailable as error:
        log.error("a status was not stored; the carrier is asked to send it again", why=str(error))
        return PlainTextResponse("not stored, send it again", status_code=503, headers={"Retry-After": "2"})
    return Response(status_code=204)


class TemplatedRoute(Route):
    """A plain route that tells its template, which is what the access log writes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self}


ROUTES = [
    TemplatedRoute("/voice", voice, methods=["POST"]),
    TemplatedRoute("/custom-voice", voice, methods=["POST"]),
    TemplatedRoute("/dtmf", dtmf, methods=["POST"]),
    TemplatedRoute("/call-status", call_status, methods=["POST"]),
]


async def _answer(request: Request, purpose: Purpose, answerer: Answerer) -> Response:
    rt: Runtime = request.app.state.runtime
    webhook = await verify(rt, request, purpose)
    if webhook.verdict is Verdict.FORGED or webhook.network is None:
        return _forbidden()
    try:
        if webhook.attempt_id is not None:
            press = _pressed(webhook.network, request, webhook.body)
            script = await answerer(rt, request, CallNamed(webhook.attempt_id, press.sid, webhook.mode), press)
        else:
            script = await _ring_back(rt, request, purpose, webhook)
    except InvalidInput as error:
        return PlainTextResponse(str(error), status_code=400)
    except DatabaseUnavailable as error:
        log.error("the database is away; the caller is kept on the line", why=str(error))
        script = _hold(request, webhook)
    return _write(webhook.network, script if script is not None else _goodbye(rt))


async def _message(rt: Runtime, request: Request, call: CallNamed, _: PressWord) -> Script | None:
    return await answer_call(rt, call, spoken_by_carrier=request.query_params.get("say") == "1")


async def _reply(rt: Runtime, request: Request, call: CallNamed, press: PressWord) -> Script | None:
    return await answer_press(rt, call, _step(request), press.digits)


async def _ring_back(rt: Runtime, request: Request, purpose: Purpose, webhook: Webhook) -> Script | None:
    """Of a call that somebody made to us; None when it is no such call."""
    if webhook.network is None or webhook.mode is None:
        return None
    if purpose is Purpose.VOICE and webhook.verdict is Verdict.UNKNOWN and "attempt" not in request.query_params:
        word = webhook.network.carrier.read_inbound(webhook.body)
        return await answer_ring_back(rt, webhook.mode, word) if word.is_inbound else None
    if purpose is Purpose.PRESS and webhook.inbound_id is not None:
        press = _pressed(webhook.network, request, webhook.body)
        return await answer_ring_back_press(rt, webhook.mode, webhook.inbound_id, _step(request), press)
    return None


def _pressed(network: Network, request: Request, body: bytes) -> PressWord:
    """The key that went along while the database was away, else the one of this request."""
    press = network.carrier.read_press(body)
    kept = request.query_params.get("kept")
    return press if kept is None else PressWord(press.sid, kept[:32])


def _step(request: Request) -> int:
    text = request.query_params.get("step", "")
    if not text.isascii() or not text.isdigit() or int(text[:6]) > STEPS:
        raise InvalidInput(f"is not a whole number from 0 to {STEPS}", where="step", example="0")
    return int(text)


def _hold(request: Request, webhook: Webhook) -> Script | None:
    """Silence, and the same question again; a key that was pressed goes along. None when it has lasted too long."""
    query = dict(request.query_params)
    waits = int(query["waits"]) + 1 if query.get("waits", "").isdigit() else 1
    if waits > MOST_WAITS or webhook.network is None:
        return None
    query["waits"] = str(waits)
    if request.url.path == "/dtmf":
        query.setdefault("kept", webhook.network.carrier.read_press(webhook.body).digits)
    url = f"{webhook.network.callback_base}{request.url.path}?{urlencode(query)}"
    return [Wait(WAIT_SECONDS), GoTo(url)]


def _goodbye(rt: Runtime) -> Script:
    said = no_message(rt.settings.default_language)
    return [Tell([SpokenByCarrier(said.text, said.language)]), HangUp()]


def _write(network: Network, script: Script) -> Response:
    return Response(network.carrier.write_script(script), media_type=network.carrier.script_content_type)


def _forbidden() -> Response:
    return PlainTextResponse("the signature is not right", status_code=403)
