"""A person with a browser of his own: cookies, forms and pages, without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from gdial.actions.log_in import begin_session
from gdial.actions.save_user import create_user
from gdial.runtime import Runtime
from gdial.storage.roles import Role
from gdial.web.access.cookies import NAME
from tests.support.web import Answer, Api

PASSWORD = "a password of many words"
FORM = re.compile(r'name="csrf" value="(\w+)"')


@dataclass(slots=True)
class Visitor:
    """`csrf` is that of the last page with a form on it."""

    url: str
    session: aiohttp.ClientSession
    csrf: str = ""

    async def ask(self, method: str, path: str, **arguments: Any) -> Answer:
        arguments["headers"] = {"Accept": "text/html", "Accept-Language": "en", **arguments.pop("headers", {})}
        arguments.setdefault("allow_redirects", False)
        async with self.session.request(method, self.url + path, **arguments) as response:
            text = await response.text()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Answer(
                response.status, response.headers, text, await response.json(content_type=None) if is_json else None
            )

    async def get(self, path: str, **arguments: Any) -> Answer:
        answer = await self.ask("GET", path, **arguments)
        found = FORM.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer

    async def send(self, path: str, **fields: str) -> Answer:
        """A form, with the token of this session in it."""
        return await self.ask("POST", path, data={"csrf": self.csrf, **fields})

    async def log_in(self, name: str, password: str = PASSWORD, after: str = "/account") -> Answer:
        answer = await self.ask("POST", "/login", data={"name": name, "password": password, "next": after})
        if answer.status == 303:
            await self.get("/account")
        return answer

    @property
    def cookie(self) -> str:
        """That of the session."""
        return next((cookie.value for cookie in self.session.cookie_jar if cookie.key == NAME), "")


@asynccontextmanager
async def visiting(api: Api) -> AsyncIterator[Visitor]:
    """Somebody who is not logged in."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Visitor(api.url, session)


@asynccontextmanager
async def logged_in(
    api: Api, runtime: Runtime, role: Role = Role.OPERATOR, name: str = "Vera Vakt"
) -> AsyncIterator[Visitor]:
    """A new user of this role, who is logged in."""
    user = await create_user(runtime, name, PASSWORD, role)
    async with runtime.database.transaction() as tx:
        begun = await begin_session(tx, runtime.clock(), user, "")
    async with visiting(api) as visitor:
        visitor.session.cookie_jar.update_cookies({NAME: begun.token}, URL(api.url))
        await visitor.get("/account")
        yield visitor
