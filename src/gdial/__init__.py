"""GDial phones everyone on a list, speaks a message, collects the keys they press, and loses nobody.

What other programs may import from here is listed in docs/reference/compatibility.md. It is loaded when it is asked
for: `import gdial` alone loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdial.actions.system_settings import get_system_setting
    from gdial.programs.audio import generate_message_audio, get_audio_url, text_to_audio
    from gdial.programs.dialling import dial_contacts
    from gdial.programs.scripts import build_custom_twiml, build_twiml
    from gdial.queue.publishing import publish_message
    from gdial.settings import get_settings

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "build_custom_twiml",
    "build_twiml",
    "dial_contacts",
    "generate_message_audio",
    "get_audio_url",
    "get_settings",
    "get_system_setting",
    "publish_message",
    "text_to_audio",
]

_HOMES = {
    "build_custom_twiml": "gdial.programs.scripts",
    "build_twiml": "gdial.programs.scripts",
    "dial_contacts": "gdial.programs.dialling",
    "generate_message_audio": "gdial.programs.audio",
    "get_audio_url": "gdial.programs.audio",
    "get_settings": "gdial.settings",
    "get_system_setting": "gdial.actions.system_settings",
    "publish_message": "gdial.queue.publishing",
    "text_to_audio": "gdial.programs.audio",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
