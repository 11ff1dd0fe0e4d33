"""The REST interface of a running GDial, for commands."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp

from gdial.cli.exit_codes import BAD_INPUT, FAILED
from gdial.cli.target import NotRunning, Target
from gdial.errors import GDialError

PAGE = 500
ANSWER_SECONDS = 60.0
IMPORT_SECONDS = 600.0
CONNECT_SECONDS = 5.0


class ApiRefusal(GDialError):
    """GDial answered with a problem; the text has its fields, reasons and examples."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.exit_code = BAD_INPUT if status in (400, 413, 422) else FAILED
        super().__init__(text)


@asynccontextmanager
async def open_api(target: Target) -> AsyncIterator[Api]:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {target.token}", "Accept": "application/json", "GDial-Operator": "cli"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Api(session, target)


class Api:
    """Raises ApiRefusal for a problem that GDial tells, NotRunning when nothing answers, or not GDial."""

    def __init__(self, session: aiohttp.ClientSession, target: Target) -> None:
        self._session = session
        self._target = target

    async def get(self, path: str, **query: Any) -> Any:
        given = {name: str(value) for name, value in query.items() if value is not None}
        return await self._json("GET", path, params=given)

    async def post(self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Any:
        return await self._json("POST", path, json=body, headers=headers)

    async def put(self, path: str, body: Any) -> Any:
        return await self._json("PUT", path, json=body)

    async def patch(self, path: str, body: Any) -> Any:
        return await self._json("PATCH", path, json=body)

    async def delete(self, path: str) -> Any:
        return await self._json("DELETE", path)

    async def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, limit=PAGE, offset=len(found), **query)
            found += page["items"]
            if len(found) >= page["total"] or not page["items"]:
                return found

    async def upload(
        self,
        path: str,
        file: BinaryIO,
        name: str,
        sent: Callable[[int], None],
        fields: Mapping[str, str] | None = None,
        **query: str,
    ) -> Any:
        """`sent` is told how many more bytes have left; `fields` go beside the file."""
        form = aiohttp.FormData(fields or {})
        form.add_field("file", _CountedFile(file, sent), filename=name, content_type="application/octet-stream")
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=IMPORT_SECONDS)
        return await self._json("POST", path, data=form, params=query, timeout=timeout)

    async def download(self, path: str, out: Path) -> int:
        """Into a file that appears whole or not at all; how many bytes it has."""
        draft = out.with_name(f".{out.name}.part")
        size = 0
        try:
            async with self._request("GET", path) as response:
                with draft.open("wb") as file:
                    async for piece in response.content.iter_any():
                        size += file.write(piece)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
        return size

    async def lines(self, path: str, **query: Any) -> AsyncIterator[Any]:
        """A long answer as it comes, a value a line."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        async with self._request("GET", path, params=given) as response:
            async for line in _whole_lines(response):
                try:
                    yield json.loads(line)
                except ValueError:
                    raise self._not_gdial() from None

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        async with self._request(method, path, **options) as response:
            text = await response.text()
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise self._not_gdial() from None

    @asynccontextmanager
    async def _request(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(
                method, self._target.url + path, allow_redirects=False, **options
            ) as response:
                if response.status >= 300:
                    raise await self._refusal(response)
                yield response
        except aiohttp.ClientConnectorError as error:
            raise self._not_running() from error
        except TimeoutError as error:
            raise NotRunning(f"GDial at {self._target.url} gave no answer in time") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise NotRunning(f"GDial at {self._target.url} broke off the connection ({error})") from error

    async def _refusal(self, response: aiohttp.ClientResponse) -> GDialError:
        try:
            problem = json.loads(await response.text())
            status, detail = int(problem["status"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return self._not_gdial()
        if status == 401:
            return ApiRefusal(status, self._wrong_token())
        return ApiRefusal(status, _told(problem.get("errors") or [], detail))

    def _not_running(self) -> NotRunning:
        return NotRunning(f"GDial is not running at {self._target.url}; start it with: gdial serve")

    def _not_gdial(self) -> NotRunning:
        return NotRunning(f"what answers at {self._target.url} is not GDial; tell where it is with --url or API_PORT")

    def _wrong_token(self) -> str:
        return (
            f"GDial at {self._target.url} does not know the token of {self._target.token_from}; "
            "set DATA_DIR or API_TOKEN to those it was started with"
        )


class _CountedFile(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, sent: Callable[[int], None]) -> None:
        super().__init__()
        self._file = file
        self._sent = sent

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._sent(len(piece))
        return piece


async def _whole_lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Of any length, which the reader's own lines are not."""
    begun = b""
    async for piece in response.content.iter_any():
        *lines, begun = (begun + piece).split(b"\n")
        for line in lines:
            yield line
    if begun:
        yield begun


def _told(errors: list[dict[str, str]], detail: str) -> str:
    return "\n".join(_line(error) for error in errors) or detail


def _line(error: dict[str, str]) -> str:
    example = f" (example: {error['example']})" if error.get("example") else ""
    return f"{error['field']}: {error['reason']}{example}"
