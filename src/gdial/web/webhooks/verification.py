"""Which call a webhook is about, and whether a carrier of ours sent it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import structlog
from starlette.requests import Request

from gdial.actions.webhook_links import Purpose, token_is_right
from gdial.dialing.states import RunMode
from gdial.errors import DatabaseUnavailable
from gdial.runtime import Network, Runtime
from gdial.storage import attempts
from gdial.web.webhooks.patience import in_time

log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    GENUINE = "genuine"
    FORGED = "forged"  # not signed by a carrier of ours, or with a token that is not this attempt's
    UNKNOWN = "unknown"  # signed, but about no call of ours


@dataclass(frozen=True, slots=True)
class Webhook:
    """`attempt_id` is None unless the verdict is genuine, `inbound_id` unless it is, and about a call made to us.
    `mode` and `network` are whose signature it bears."""

    verdict: Verdict
    mode: RunMode | None = None
    network: Network | None = None
    attempt_id: UUID | None = None
    body: bytes = b""
    inbound_id: UUID | None = None


async def verify(rt: Runtime, request: Request, purpose: Purpose) -> Webhook:
    """The signature and the token need no database; only a wrong token has it looked up whose it should be."""
    body = await request.body()
    mode = _signed_by(rt, request, body)
    if mode is None:
        log.warning("a webhook without a right signature was refused", path=request.url.path)
        return Webhook(Verdict.FORGED)
    network = rt.networks[mode]
    inbound_id = _id(request, "inbound")
    if inbound_id is not None:
        genuine = token_is_right(rt.secret, inbound_id, Purpose.RING_BACK, request.query_params.get("token", ""))
        return Webhook(Verdict.GENUINE if genuine else Verdict.FORGED, mode, network, None, body, inbound_id)
    attempt_id = _id(request, "attempt")
    if attempt_id is None:
        return Webhook(Verdict.UNKNOWN, mode, network, None, body)
    if token_is_right(rt.secret, attempt_id, purpose, request.query_params.get("token", "")):
        return Webhook(Verdict.GENUINE, mode, network, attempt_id, body)
    is_ours = await _is_known(rt, attempt_id)
    if is_ours:
        log.warning("a webhook with a wrong token was refused", path=request.url.path, attempt=str(attempt_id))
    return Webhook(Verdict.FORGED if is_ours else Verdict.UNKNOWN, mode, network)


def _signed_by(rt: Runtime, request: Request, body: bytes) -> RunMode | None:
    query = request.scope["query_string"].decode("latin-1")
    path = request.url.path + (f"?{query}" if query else "")
    for mode in RunMode:
        network = rt.networks.get(mode)
        if network is not None and network.carrier.verify(network.callback_base + path, body, request.headers):
            return mode
    return None


def _id(request: Request, name: str) -> UUID | None:
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return None


async def _is_known(rt: Runtime, attempt_id: UUID) -> bool:
    try:
        return await in_time(_is_ours(rt, attempt_id))
    except DatabaseUnavailable:
        return False


async def _is_ours(rt: Runtime, attempt_id: UUID) -> bool:
    async with rt.database.reading() as tx:
        return await attempts.get(tx, attempt_id) is not None
