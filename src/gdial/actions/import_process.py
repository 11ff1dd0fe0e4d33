"""A long list is taken in by a process of its own, which opens the database itself; calls go on beside it.

The order goes over its standard input, a line of JSON before the file's bytes: no address of a database with a
password stands where `ps` shows it. The report comes back over its standard output.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from gdial.actions.take_in_list import ImportReport, take_in_list
from gdial.contacts.model import RowError
from gdial.errors import Conflict, DatabaseUnavailable, GDialError, ImportBroken, InvalidContactList
from gdial.storage.database import Database

COMMAND = (sys.executable, "-P", "-m", "gdial.actions.import_process")
PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """`now` is when the people are created or changed, `size` how many bytes follow: a file that breaks off, because
    the other process was killed, must not be taken for a short list."""

    database_url: str
    size: int
    region: str
    dry_run: bool
    now: datetime

    def to_line(self) -> bytes:
        return json.dumps(asdict(self) | {"now": self.now.isoformat()}).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> ImportOrder:
        told = json.loads(line)
        return cls(**told | {"now": datetime.fromisoformat(told["now"])})


async def import_in_process(order: ImportOrder, source: BinaryIO) -> ImportReport:
    """See `import_contacts`. When the waiter is cancelled, the process is ended, and what it has not committed is
    not stored."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("asked for with pipes")
    try:
        _, said = await asyncio.gather(_send(process.stdin, order, source), process.stdout.read())
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _report_of(said, process.returncode)


async def _send(pipe: asyncio.StreamWriter, order: ImportOrder, source: BinaryIO) -> None:
    # One that ends early says on the other pipe why.
    with suppress(ConnectionError):
        pipe.write(order.to_line())
        await asyncio.to_thread(source.seek, 0)
        while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
            pipe.write(piece)
            await pipe.drain()
    pipe.close()


def _report_of(said: bytes, exit_code: int | None) -> ImportReport:
    """Raises what the process raised."""
    try:
        told: dict[str, Any] = json.loads(said)
    except ValueError:
        raise ImportBroken(
            f"the process that takes in the list ended too early (exit code {exit_code}); send the list again: "
            "people who are in already stay as they are"
        ) from None
    match told.pop("kind"):
        case "report":
            errors = tuple(RowError(**error) for error in told.pop("errors"))
            return ImportReport(**told | {"errors": errors, "notes": tuple(told["notes"])})
        case "list":
            raise InvalidContactList(told["reason"], where=told["where"], example=told["example"])
        case "conflict":
            raise Conflict(told["text"])
        case "database":
            raise DatabaseUnavailable(told["text"])
        case kind:
            raise ImportBroken(f"the process that takes in the list failed ({kind}): {told['text']}")


def _error_of(error: GDialError) -> dict[str, str]:
    match error:
        case InvalidContactList():
            return {"kind": "list", "reason": error.reason, "where": error.where, "example": error.example}
        case Conflict():
            return {"kind": "conflict", "text": str(error)}
        case DatabaseUnavailable():
            return {"kind": "database", "text": str(error)}
    return {"kind": type(error).__name__, "text": str(error)}


async def _take_in(source: BinaryIO) -> dict[str, Any]:
    order = ImportOrder.of_line(source.readline())
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(source, file, PIECE_BYTES)
        if file.tell() != order.size:
            raise ImportBroken(f"the list broke off after {file.tell():,} of {order.size:,} bytes")
        database = Database(order.database_url)
        try:
            report = await take_in_list(database, lambda: order.now, file, region=order.region, dry_run=order.dry_run)
        finally:
            await database.close()
    return {"kind": "report", **asdict(report)}


def main() -> None:
    """In the process itself."""
    try:
        told = asyncio.run(_take_in(sys.stdin.buffer))
    except GDialError as error:
        told = _error_of(error)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
