"""The Calls resource: create, list, fetch, update."""

from __future__ import annotations

from aiohttp import web
from multidict import MultiMapping

from gdial.simulator.calls.record import Call
from gdial.simulator.calls.request import CallRequest, Target
from gdial.simulator.calls.source import Source
from gdial.simulator.network import Network, RefusedCallError
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.rest.authentication import Credentials, authenticate
from gdial.simulator.rest.call_resource import write_call
from gdial.simulator.rest.create_form import BAD_URL, read_create_form, read_status_callback, read_target
from gdial.simulator.rest.errors import RestError, invalid_parameter, not_found
from gdial.simulator.rest.events import has_events, write_events
from gdial.simulator.rest.listing import read_page, write_page_links
from gdial.simulator.rest.spoiling import Done, SpoiltAnswers

INVALID_STATE = 21220


class CallsResource:
    """The handlers of `/2010-04-01/Accounts/{account}/Calls`."""

    def __init__(self, network: Network, options: SimulatorOptions) -> None:
        self._network = network
        self._options = options
        self._answers = SpoiltAnswers(network)

    async def create(self, request: web.Request) -> web.StreamResponse:
        credentials = authenticate(request, self._options)
        wanted = read_create_form(await read_form(request), self._options.caller_ids)
        return await self._answers.answer(request, "create", wanted.to, lambda: self._accept(credentials, wanted))

    def _accept(self, credentials: Credentials, wanted: CallRequest) -> Done:
        try:
            call = self._network.place(credentials.account, credentials.token, wanted)
        except RefusedCallError as error:
            raise RestError(400, error.code, str(error)) from error
        return web.json_response(write_call(call), status=201), call

    async def index(self, request: web.Request) -> web.StreamResponse:
        credentials = authenticate(request, self._options)
        return await self._answers.answer(
            request, "list", request.query.get("To", ""), lambda: self._list(credentials, request)
        )

    def _list(self, credentials: Credentials, request: web.Request) -> Done:
        page = read_page(self._network.store, credentials.account, request.query, self._network.clock.now())
        rows = [write_call(call) for call in page.calls]
        return web.json_response({"calls": rows} | write_page_links(request.path, request.query, page)), None

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        call = self._find(request)
        return await self._answers.answer(request, "fetch", call.to, lambda: (_show(call), call))

    async def events(self, request: web.Request) -> web.StreamResponse:
        call = self._find(request)
        if not has_events(call, self._network.clock.now()):
            raise not_found(request.path)
        return await self._answers.answer(
            request, "fetch", call.to, lambda: (web.json_response(write_events(call, request)), call)
        )

    async def update(self, request: web.Request) -> web.StreamResponse:
        call = self._find(request)
        form = await read_form(request)
        return await self._answers.answer(request, "update", call.to, lambda: (self._change(call, form), call))

    def _change(self, call: Call, form: MultiMapping[str]) -> web.StreamResponse:
        status_callback = read_status_callback(form)
        source, fallback = _read_redirect(form)
        if status_callback is not None:
            self._network.report_to(call, status_callback)
        if source is not None:
            self._redirect(call, source, fallback)
        elif form.get("Status"):
            self._end(call, form["Status"])
        elif status_callback is None:
            raise invalid_parameter("Status", "nothing to change; give Status, Url, Twiml or StatusCallback")
        return _show(call)

    def _end(self, call: Call, status: str) -> None:
        if status not in ("canceled", "completed"):
            raise invalid_parameter("Status", f"{status!r} is not canceled or completed")
        if call.is_over or (status == "canceled" and call.status == "in-progress"):
            raise RestError(400, INVALID_STATE, f"Unable to update record. Call is {call.status}. Cannot end it.")
        self._network.hang_up(call)

    def _redirect(self, call: Call, source: Source, fallback: Target | None) -> None:
        if not self._network.redirect(call, source, fallback):
            raise RestError(400, INVALID_STATE, "Unable to update record. Call is not in-progress. Cannot redirect.")

    def _find(self, request: web.Request) -> Call:
        credentials = authenticate(request, self._options)
        call = self._network.store.find(credentials.account, request.match_info["sid"])
        if call is None or (call.fetched_from is not None and call.fetched_from > self._network.clock.now()):
            raise not_found(request.path)
        return call


def _show(call: Call) -> web.StreamResponse:
    return web.json_response(write_call(call))


def _read_redirect(form: MultiMapping[str]) -> tuple[Source | None, Target | None]:
    target = read_target(form, "Url", "Method", BAD_URL)
    fallback = read_target(form, "FallbackUrl", "FallbackMethod", BAD_URL)
    if target is not None:
        return Source(target), fallback
    return (Source(twiml=form["Twiml"]) if form.get("Twiml") else None), fallback


async def read_form(request: web.Request) -> MultiMapping[str]:
    """The form of a request, texts only."""
    try:
        form = await request.post()
    except (ValueError, LookupError) as error:
        raise RestError(400, 20001, f"Invalid form: it cannot be read as text: {error}") from error
    if not all(isinstance(value, str) for value in form.values()):
        raise RestError(400, 20001, "Invalid form: a file was sent where text was expected")
    return form  # type: ignore[return-value]  # checked above
