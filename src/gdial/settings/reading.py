"""Where settings come from: the environment and a `.env` file, or given values alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv.parser import Binding, parse_stream
from pydantic_settings import PydanticBaseSettingsSource

from gdial.errors import InvalidSetting
from gdial.settings.complaints import raise_all
from gdial.settings.fields import Settings

ENV_FILE = Path(".env")
# A name this like one of ours is a slip of the pen; TWILIO_API_KEY and TWILIO_API_BASE are 0.83 alike and both real.
SLIP_LIKENESS = 0.85


class _ExplicitSettings(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: Any,
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def get_settings(env_file: Path = ENV_FILE) -> Settings:
    """The settings of the environment and, where that is silent, of `env_file`; raises `InvalidSetting`.

    Read anew at each call: a process reads them once, at its start, and hands them on.
    """
    _read_env_file(env_file)
    # utf-8-sig: some editors put a byte order mark first, which would become part of the first name.
    return Settings(_env_file=env_file, _env_file_encoding="utf-8-sig")


def explicit_settings(**values: Any) -> Settings:
    """Settings from these values (named as the fields) and the defaults alone, whatever the environment says."""
    unknown = sorted(values.keys() - Settings.model_fields.keys())
    if unknown:
        raise TypeError(f"no such setting: {', '.join(unknown)}")
    return _ExplicitSettings(**values)


def setting_warnings(env_file: Path = ENV_FILE) -> tuple[str, ...]:
    """Sentences about variables that look like a slip in the name of a setting. They stop nothing."""
    names = {*os.environ, *(str(binding.key) for binding in _read_env_file(env_file))}
    return tuple(_slips(names))


def _slips(names: Iterable[str]) -> Iterable[str]:
    ours = [name.upper() for name in Settings.model_fields]
    prefixes = {name.partition("_")[0] for name in ours}
    for name in sorted(set(names) - set(ours)):
        meant = get_close_matches(name, ours, n=1, cutoff=SLIP_LIKENESS)
        if meant and name.partition("_")[0] in prefixes:
            yield f"{name} is not a setting and changes nothing; did you mean {meant[0]}?"


def _read_env_file(path: Path) -> list[Binding]:
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise InvalidSetting(f"cannot be read ({error})", where=str(path), example="a UTF-8 text file") from None
    bindings = list(parse_stream(StringIO(text)))
    raise_all([_bad_line(path, binding) for binding in bindings if _is_bad(binding)])
    return [binding for binding in bindings if binding.key]


def _is_bad(binding: Binding) -> bool:
    return binding.error or (binding.key is not None and binding.value is None)


def _bad_line(path: Path, binding: Binding) -> InvalidSetting:
    # The line itself may hold a secret.
    reason = f"line {binding.original.line} cannot be read as a name and a value"
    return InvalidSetting(reason, where=str(path), example="CALL_TIMEOUT_SEC=25")
