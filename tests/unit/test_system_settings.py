"""System settings: their defaults, their page, and what was stored under other bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gdial.dialing.policy import Policy
from gdial.settings import Settings
from gdial.settings.system import SYSTEM_SETTINGS, SystemSetting, SystemValues
from gdial.settings.system_reference import FROM_ENVIRONMENT, system_settings_page

ROOT = Path(__file__).parents[2]
EVERY = pytest.mark.parametrize("setting", SYSTEM_SETTINGS.values(), ids=list(SYSTEM_SETTINGS))


def test_the_page_of_the_documentation_is_fresh() -> None:
    page = (ROOT / "docs/reference/system-settings.md").read_text("utf-8")
    assert page == system_settings_page(), "run: make docs"


@EVERY
def test_a_default_is_within_its_own_bounds(setting: SystemSetting, make_settings: Callable[..., Settings]) -> None:
    default = setting.default(make_settings())
    assert setting.read(default) == default
    assert setting.allowed


def test_the_environment_gives_the_defaults_it_has(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(default_language="en", call_timeout_sec=31, retention_days=7)
    values = SystemValues(settings, {"rounds": 9})
    assert [values.get(key) for key in FROM_ENVIRONMENT] == ["en", 31, 7]
    assert values.policy == Policy(ring_timeout_seconds=31, rounds=9)
    assert SystemValues(make_settings(), {}).policy == Policy()
