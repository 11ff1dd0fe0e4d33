"""PostgreSQL's own programs: they know every type and every version of the server, and are not part of GDial."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import URL

from gdial.errors import SetupError

FOLDER = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version side by side."""


class Programs:
    """Those that suit a server of this version: they must not be older than it."""

    def __init__(self, url: URL, server_version: int) -> None:
        self._url = url
        self._major = server_version

    async def run(self, name: str, *words: str) -> None:
        """Raises SetupError with what the program said."""
        process = await asyncio.create_subprocess_exec(
            self._find(name),
            *words,
            env={**os.environ, **_environment(self._url)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise SetupError(f"{name} failed: {_shown(said)}")

    def _find(self, name: str) -> str:
        versions = [int(path.parts[-3]) for path in FOLDER.glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
        suited = min((version for version in versions if version >= self._major), default=None)
        found = str(FOLDER / str(suited) / "bin" / name) if suited is not None else shutil.which(name)
        if found is None:
            raise SetupError(
                f"{name} is not on this machine, and a PostgreSQL database is saved and restored with it; "
                "type: sudo apt-get install postgresql-client"
            )
        return found


def _environment(url: URL) -> dict[str, str]:
    """Not on the command line, which every user of the machine can read."""
    query = {name: value if isinstance(value, str) else value[0] for name, value in url.query.items()}
    given = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password is not None else None,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("sslmode") or _ssl_mode(query.get("ssl")),
        "PGAPPNAME": "gdial backup",
    }
    return {name: value for name, value in given.items() if value}


def _ssl_mode(ssl: str | None) -> str | None:
    return {"true": "require", "1": "require", "false": "disable", "0": "disable"}.get((ssl or "").lower(), ssl)


def _shown(said: bytes) -> str:
    lines: Sequence[str] = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return " | ".join(lines[-3:]) or "it gave no reason"
