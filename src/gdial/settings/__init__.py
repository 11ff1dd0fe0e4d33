"""Every setting, where it comes from, and what is said when one is wrong."""

from gdial.settings.fields import Settings
from gdial.settings.reading import explicit_settings, get_settings, setting_warnings
from gdial.settings.reference import SettingRow, describe_settings, env_example, settings_page

__all__ = [
    "SettingRow",
    "Settings",
    "describe_settings",
    "env_example",
    "explicit_settings",
    "get_settings",
    "setting_warnings",
    "settings_page",
]
