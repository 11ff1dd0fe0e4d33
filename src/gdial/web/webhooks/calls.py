"""`/voice`, `/custom-voice`, `/dtmf` and `/call-status`: plain routes, answered after the commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from gdial.actions.answer_call import Script, answer_call, answer_press
from gdial.actions.keep_words import miss_status, read_in_keys_of
from gdial.actions.record_event import CallNamed, record_status
from gdial.actions.ring_back import answer_ring_back, answer_ring_back_press
from gdial.actions.webhook_links import Purpose
from gdial.carriers.base import HangUp, PressWord, SpokenByCarrier, StatusWord, Tell
from gdial.errors import DatabaseUnavailable, InvalidInput
from gdial.messages.dialogue import no_message
from gdial.runtime import Network, Runtime
from gdial.web.webhooks.holding import farewell, hold, keep
from gdial.web.webhooks.patience import in_time
from gdial.web.webhooks.verification import Verdict, Webhook, verify

log = structlog.get_logger(__name__)

STEPS = 1_000
LONGEST_KEY = 32

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
        call = CallNamed(webhook.attempt_id, word.sid, webhook.mode)
        await in_time(_record_status(rt, call, word), name=(webhook.attempt_id, word.event_id))
    except InvalidInput as error:
        return PlainTextResponse(str(error), status_code=400)
    except DatabaseUnavailable as error:
        miss_status(rt, webhook.attempt_id)
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
        script = await _script_or_patience(rt, request, purpose, webhook, answerer)
    except InvalidInput as error:
        return PlainTextResponse(str(error), status_code=400)
    return _write(webhook.network, script if script is not None else _goodbye(rt))


async def _script_or_patience(
    rt: Runtime, request: Request, purpose: Purpose, webhook: Webhook, answerer: Answerer
) -> Script | None:
    try:
        return await in_time(_script(rt, request, purpose, webhook, answerer))
    except DatabaseUnavailable as error:
        log.error("the database is away; the caller is kept on the line", why=str(error))
        return await _go_on_without(rt, request, purpose, webhook)


async def _script(
    rt: Runtime, request: Request, purpose: Purpose, webhook: Webhook, answerer: Answerer
) -> Script | None:
    call_id = webhook.attempt_id or webhook.inbound_id
    if call_id is not None:
        await read_in_keys_of(rt, call_id)
    if webhook.network is None or webhook.attempt_id is None:
        return await _ring_back(rt, request, purpose, webhook)
    press = _pressed(webhook.network, request, webhook.body)
    return await answerer(rt, request, CallNamed(webhook.attempt_id, press.sid, webhook.mode), press)


async def _go_on_without(rt: Runtime, request: Request, purpose: Purpose, webhook: Webhook) -> Script | None:
    """None for a caller who cannot be spoken to."""
    if webhook.network is None:
        return None
    press, is_kept = None, False
    if purpose is Purpose.PRESS:
        press = _pressed(webhook.network, request, webhook.body)
        is_kept = await keep(rt, webhook, _step(request), press)
    held = hold(request, webhook, press)
    return farewell(rt, request.query_params, press, is_kept=is_kept) if held is None else held


async def _record_status(rt: Runtime, call: CallNamed, word: StatusWord) -> None:
    """A key that is kept comes first: a call that ends without one may have its person rung again."""
    await read_in_keys_of(rt, call.attempt_id)
    await record_status(rt, call, word)


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
    return PressWord(press.sid, request.query_params.get("kept", press.digits)[:LONGEST_KEY])


def _step(request: Request) -> int:
    text = request.query_params.get("step", "")
    if not text.isascii() or not text.isdigit() or int(text[:6]) > STEPS:
        raise InvalidInput(f"is not a whole number from 0 to {STEPS}", where="step", example="0")
    return int(text)


def _goodbye(rt: Runtime) -> Script:
    said = no_message(rt.settings.default_language)
    return [Tell([SpokenByCarrier(said.text, said.language)]), HangUp()]


def _write(network: Network, script: Script) -> Response:
    return Response(network.carrier.write_script(script), media_type=network.carrier.script_content_type)


def _forbidden() -> Response:
    return PlainTextResponse("the signature is not right", status_code=403)
