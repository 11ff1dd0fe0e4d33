"""Where the network listens, and the outages in which it does not."""

from __future__ import annotations

import asyncio
import logging
import socket

from aiohttp import web

from gdial.errors import SetupError
from gdial.simulator.faults.injector import FaultInjector

BACKLOG = 1024
RETRY_SECONDS = 1.0
log = logging.getLogger(__name__)


class Door:
    """One address on which an application is served. It can be closed and opened again without losing its port."""

    def __init__(self, runner: web.AppRunner, host: str) -> None:
        self._runner = runner
        self._host = host
        self._sites: dict[socket.socket, web.SockSite] = {}
        self._kept: list[socket.socket] = []
        self.url = ""

    async def open(self, port: int, option: str) -> None:
        """Listen for the first time, 0 for any port; raises `SetupError` that names the option when it is taken."""
        try:
            await self._reserve(port)
            await self.reopen()
        except OSError as error:
            self.leave()
            text = f"the simulated network cannot listen on {self._host}:{port}: {error.strerror or error}"
            raise SetupError(f"{text}; choose another with {option}, or 0 for a free one") from error
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{self._port}"

    async def reopen(self) -> None:
        """Listen where nobody does; raises `OSError` when another program took the address meanwhile."""
        for kept in self._kept:
            if kept not in self._sites:
                self._sites[kept] = await self._listen(kept)

    async def _listen(self, kept: socket.socket) -> web.SockSite:
        bound = _bind(kept.family, kept.getsockname())
        site = web.SockSite(self._runner, bound, backlog=BACKLOG)
        try:
            await site.start()
        except OSError:
            bound.close()
            raise
        return site

    async def shut(self) -> None:
        """Refuse connections, and break those that are open here."""
        sites, self._sites = self._sites, {}
        for site in sites.values():
            await site.stop()
        server = self._runner.server
        for connection in list(server.connections) if server else []:
            transport = connection.transport
            if transport is not None and transport.get_extra_info("sockname")[1] == self._port:
                transport.abort()

    def leave(self) -> None:
        """Give up the port."""
        for kept in self._kept:
            kept.close()
        self._kept = []

    @property
    def _port(self) -> int:
        return int(self._kept[0].getsockname()[1])

    async def _reserve(self, port: int) -> None:
        """Bind sockets that never listen: nobody else is handed the port while the door is shut."""
        found = await asyncio.get_running_loop().getaddrinfo(self._host, port, type=socket.SOCK_STREAM)
        for family, _, _, _, address in found:
            shared = self._port if self._kept else port
            self._kept.append(_bind(family, (address[0], shared, *address[2:])))


def _bind(family: int, address: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


async def keep_outages(door: Door, faults: FaultInjector) -> None:
    """Shut the door in every outage that refuses connections, and count each; never returns."""
    while True:
        outage = faults.outage()
        if outage is not None:
            faults.record_outage(outage)
        if outage is not None and outage.how == "refused":
            await door.shut()
        elif not await _reopen(door):
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await faults.next_turn()


async def _reopen(door: Door) -> bool:
    try:
        await door.reopen()
    except OSError as error:
        log.error("the simulated network cannot listen again after an outage; tried again: %s", error)
        return False
    return True
