"""The settings as rows, as a page of the documentation, and as a `.env` to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from gdial.settings.complaints import allowed, example_of, is_secret, told
from gdial.settings.fields import Settings

# The first setting of each part, in the order of the fields.
PARTS = {
    "data_dir": "Storage and queue",
    "twilio_account_sid": "Carrier",
    "call_timeout_sec": "Calling",
    "api_host": "API and pages",
    "call_workers_count": "Workers",
    "tts_engine": "Speech",
    "metrics_port": "Monitoring and retention",
    "default_region": "Region and language",
}

PAGE_HEAD = """# Settings

Each setting is an environment variable. A `.env` file in the working directory is read as well; the real environment
wins. A bad value stops the start with the setting's name, what is wrong with it and a right example. An empty value
means *unset* where the default is *unset*, and *none* in a list; anywhere else it is an error.

`gdial settings` and the logs show no secret. This page and `.env.example` are made by `make docs`.
"""

ENV_HEAD = """# Copy to .env and take away the # of what you set. All of it is explained in docs/reference/settings.md.
"""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting, told in words; `default` is "unset" where there is none, `allowed` "" where any text will do."""

    part: str
    name: str
    default: str
    unit: str
    allowed: str
    meaning: str
    example: str
    secret: bool


def describe_settings() -> tuple[SettingRow, ...]:
    """Every setting in the order of the documentation. Holds no value of this process."""
    return tuple(_rows())


def _rows() -> Iterator[SettingRow]:
    part = ""
    for name, field in Settings.model_fields.items():
        part = PARTS.get(name, part)
        yield SettingRow(
            part=part,
            name=name.upper(),
            default=_default_text(field),
            unit=told(field, "unit"),
            allowed=allowed(field),
            meaning=field.description or "",
            example=example_of(field),
            secret=is_secret(field),
        )


def _default_text(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return told(field, "shown_default")
    if field.default is None:
        return "unset"
    return (",".join(field.default) or "none") if isinstance(field.default, tuple) else str(field.default)


def settings_page() -> str:
    """The Markdown of `docs/reference/settings.md`."""
    lines = [PAGE_HEAD.rstrip()]
    part = ""
    for row in _rows():
        if row.part != part:
            part = row.part
            lines += [
                "",
                f"## {part}",
                "",
                "| setting | default | allowed | meaning | example |",
                "|---|---|---|---|---|",
            ]
        lines.append(_table_line(row))
    return "\n".join(lines) + "\n"


def _table_line(row: SettingRow) -> str:
    meaning = f"{row.meaning} *Secret.*" if row.secret else row.meaning
    default = row.default if row.default in ("unset", "none") else f"`{row.default}`"
    example = row.example if row.secret else f"`{row.example}`"
    cells = (f"`{row.name}`", default, row.allowed, meaning, example)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out."""
    lines = [ENV_HEAD.rstrip()]
    part = ""
    for row in _rows():
        if row.part != part:
            part = row.part
            lines += ["", f"# -- {part} --"]
        lines.append(f"# {row.meaning}{f' ({row.allowed})' if row.allowed else ''}")
        lines.append(f"#{row.name}={'' if row.secret else row.example}")
    return "\n".join(lines) + "\n"
