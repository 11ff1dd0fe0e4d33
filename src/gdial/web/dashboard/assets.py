"""The files that the pages load: held in memory, compressed once, under names that change with their content."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from gdial.errors import SetupError

STATIC = Path(__file__).with_name("static")
VENDOR = ("pico.css", "htmx.js", "htmx-sse.js", "uplot.css", "uplot.js")

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """`name` is the address below /static/, with the hash of the content in it."""

    name: str
    media_type: str
    content: bytes
    compressed: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """By the file's own name. Raises SetupError as `read_assets`."""
    return read_assets(STATIC)


def read_assets(folder: Path) -> Mapping[str, Asset]:
    """Raises SetupError, saying what to type, when the packages' files are missing."""
    missing = [name for name in VENDOR if not (folder / "vendor" / name).is_file()]
    if missing:
        raise SetupError(
            f"the files that the pages load are not there ({', '.join(missing)}); in GDial's folder, type: make setup"
        )
    files = [file for place in (folder, folder / "vendor") for file in sorted(place.iterdir())]
    return {file.name: _read(file) for file in files if file.suffix in TYPES}


@cache
def served() -> Mapping[str, Asset]:
    """By the name that they are asked for with."""
    return {asset.name: asset for asset in assets().values()}


def asset_address(name: str) -> str:
    return f"/static/{assets()[name].name}"


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    digest = sha256(content).hexdigest()[:12]
    return Asset(
        f"{file.stem}.{digest}{file.suffix}",
        TYPES[file.suffix],
        content,
        gzip.compress(content, compresslevel=9, mtime=0),
    )


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def static(name: str, request: Request) -> Response:
    try:
        asset = served()[name]
    except KeyError:
        raise HTTPException(404, "There is no such file.") from None
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.content, media_type=asset.media_type, headers=headers)
    headers["content-encoding"] = "gzip"
    return Response(asset.compressed, media_type=asset.media_type, headers=headers)
