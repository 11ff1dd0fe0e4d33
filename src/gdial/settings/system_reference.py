"""The system settings as a page of the documentation."""

from __future__ import annotations

from gdial.settings.fields import Settings
from gdial.settings.system import SYSTEM_SETTINGS, SystemSetting

PAGE_HEAD = """# System settings

What an operator changes while GDial runs. They are kept in the database, so they hold for every process, from the next
look on; runs that are made already keep the policy they were made with. What the environment says (see
[settings](settings.md)) is the default where there is a variable for it.

| what | how |
|---|---|
| all of them | `GET /api/settings` |
| one | `GET /api/settings/rounds` |
| change one | `PUT /api/settings/rounds` with `{"value": 2}`; a wrong value is a 422 with the reason and a right one |
| back to the default | `DELETE /api/settings/rounds` |
| who changed what, newest first | `GET /api/settings/changes`, `?name=rounds` for one |
| from Python | `gdial.get_system_setting("rounds")`, see [compatibility](compatibility.md) |

This page is made by `make docs`.

| setting | default | allowed | unit | meaning |
|---|---|---|---|---|
"""

FROM_ENVIRONMENT = {
    "default_language": "DEFAULT_LANGUAGE",
    "ring_timeout_seconds": "CALL_TIMEOUT_SEC",
    "retention_days": "RETENTION_DAYS",
}


def system_settings_page() -> str:
    """The Markdown of `docs/reference/system-settings.md`."""
    return PAGE_HEAD + "".join(_table_line(setting) for setting in SYSTEM_SETTINGS.values())


def _table_line(setting: SystemSetting) -> str:
    variable = FROM_ENVIRONMENT.get(setting.key)
    cells = (
        f"`{setting.key}`",
        f"`{variable}`" if variable else _default(setting),
        setting.allowed,
        setting.unit,
        setting.help,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(setting: SystemSetting) -> str:
    value = setting.default(Settings.model_construct())
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if setting.kind != "text" else (str(value) or "none")
