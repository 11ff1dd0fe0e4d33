"""The files that the pages load, and what is said when nobody has fetched them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gdial.errors import SetupError
from gdial.web.dashboard.assets import VENDOR, assets, read_assets


def put_files(folder: Path, *left_out: str) -> None:
    (folder / "vendor").mkdir()
    for name in (*VENDOR, "board.css"):
        if name not in left_out:
            (folder / ("vendor" if name in VENDOR else "") / name).write_text(f"/* {name} */", "utf-8")


def test_missing_files_are_named_with_what_to_type(tmp_path: Path) -> None:
    put_files(tmp_path, "htmx.js", "uplot.css")
    with pytest.raises(SetupError, match=r"\(htmx.js, uplot.css\).*type: make setup"):
        read_assets(tmp_path)


def test_a_name_changes_with_its_content_alone(tmp_path: Path) -> None:
    put_files(tmp_path)
    before = read_assets(tmp_path)
    assert read_assets(tmp_path) == before
    (tmp_path / "board.css").write_text("body {}", "utf-8")
    after = read_assets(tmp_path)
    assert before["board.css"].name != after["board.css"].name
    assert {name for name in before if before[name] != after[name]} == {"board.css"}
    assert gzip.decompress(after["board.css"].compressed) == b"body {}"


def test_nothing_that_is_loaded_asks_for_more_from_elsewhere() -> None:
    """The Content-Security-Policy would refuse it in every browser."""
    for asset in assets().values():
        if asset.media_type.startswith("text/css"):
            assert b"@import" not in asset.content
            assert b"url(http" not in asset.content
            assert b"url(//" not in asset.content
