"""GDial phones everyone on a list, speaks a message, collects the keys they press, and loses nobody.

What other programs may import from here is listed in docs/reference/compatibility.md. It is loaded when it is asked
for: `import gdial` alone loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdial.actions.system_settings import get_system_setting
    from gdial.settings import get_settings

__version__ = "0.1.0"

__all__ = ["__version__", "get_settings", "get_system_setting"]

_HOMES = {
    "get_settings": "gdial.settings",
    "get_system_setting": "gdial.actions.system_settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
