"""Write the pages of the documentation that are made from the code; a test fails when one is stale."""

from __future__ import annotations

from pathlib import Path

from gdial.cli.reference import cli_page
from gdial.queue.contract import asyncapi_page, schema_pages
from gdial.settings import env_example, settings_page
from gdial.settings.system_reference import system_settings_page

PAGES = {
    "docs/reference/settings.md": settings_page,
    "docs/reference/system-settings.md": system_settings_page,
    "docs/reference/cli.md": cli_page,
    ".env.example": env_example,
    "docs/reference/asyncapi.json": asyncapi_page,
    **schema_pages("docs/reference/schemas"),
}

if __name__ == "__main__":
    for path, page in PAGES.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(page(), encoding="utf-8")
        print(f"Wrote {path}")
