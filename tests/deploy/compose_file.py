"""A compose file read strictly: variables filled in, and every key held against the compose specification
(https://github.com/compose-spec/compose-spec/blob/main/spec.md). What our file does not need is not known here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:-|:\?)(?P<text>[^}]*))?\}")
SECONDS = re.compile(r"\d+s")
PORT = re.compile(r"127\.0\.0\.1:\d+:\d+")
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
RESTARTS = {"no", "always", "on-failure", "unless-stopped"}

Check = Callable[[Any], bool]


class Unset(Exception):
    """A variable that has to be set is not."""


def fill_in(text: str, variables: Mapping[str, str]) -> str:
    """As compose interpolates: `${NAME}`, `${NAME:-default}`, `${NAME:?why}`."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match["name"], "")
        if not found and match["how"] == ":?":
            raise Unset(f"{match['name']}: {match['text']}")
        return found or (match["text"] if match["how"] == ":-" else "")

    return VARIABLE.sub(value, text)


def read(path: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """As compose does: the YAML first, then the variables in its texts, which stay texts."""
    document: dict[str, Any] = _filled(yaml.safe_load(path.read_text("utf-8")), variables)
    return document


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, variables) for inner in value]
    return fill_in(value, variables) if isinstance(value, str) else value


def faults(document: Mapping[str, Any], folder: Path) -> list[str]:
    """What compose would refuse, or read otherwise than meant."""
    return [*_top(document), *(fault for name in document["services"] for fault in _service(document, name, folder))]


def _top(document: Mapping[str, Any]) -> Iterator[str]:
    known = {"name", "services", "volumes", "secrets"}
    yield from (f"unknown at the top: {key}" for key in document if key not in known and not key.startswith("x-"))
    yield from (f"volume {name}" for name, value in document["volumes"].items() if value != {})
    for name, secret in document["secrets"].items():
        if set(secret) not in ({"environment"}, {"file"}):
            yield f"secret {name}"


def _service(document: Mapping[str, Any], name: str, folder: Path) -> Iterator[str]:
    service = document["services"][name]
    for key, value in service.items():
        check = CHECKS.get(key)
        if check is None:
            yield f"{name}: unknown key {key}"
        elif not check(value):
            yield f"{name}.{key}: {value!r}"
    if not {"image", "build"} & set(service):
        yield f"{name}: neither image nor build"
    yield from (
        f"{name}: needs {other}" for other in service.get("depends_on", ()) if other not in document["services"]
    )
    yield from (f"{name}: secret {one}" for one in service.get("secrets", ()) if one not in document["secrets"])
    yield from _mounts(document, name, folder)


def _mounts(document: Mapping[str, Any], name: str, folder: Path) -> Iterator[str]:
    for mount in document["services"][name].get("volumes", ()):
        source, _, rest = mount.partition(":")
        if source.startswith("."):
            if not (folder / source).is_file() or not rest.endswith(":ro"):
                yield f"{name}: {mount} is no file that is there, mounted read-only"
        elif source not in document["volumes"]:
            yield f"{name}: volume {source} is not declared"


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _text_map(value: Any) -> bool:
    # A bare number or `yes` would become another text than was written.
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _dependencies(value: Any) -> bool:
    if isinstance(value, list):
        return _texts(value)
    return all(set(each) == {"condition"} and each["condition"] in CONDITIONS for each in value.values())


def _health(value: Any) -> bool:
    return (
        set(value) == {"test", "interval", "timeout", "retries"}
        and _texts(value["test"])
        and value["test"][0] == "CMD"
        and all(SECONDS.fullmatch(value[key]) for key in ("interval", "timeout"))
        and isinstance(value["retries"], int)
    )


CHECKS: dict[str, Check] = {
    "image": lambda value: isinstance(value, str) and ":" in value and not value.endswith(":latest"),
    "build": lambda value: set(value) == {"context", "dockerfile"},
    "command": _texts,
    "restart": lambda value: value in RESTARTS,
    "init": lambda value: value is True,
    "read_only": lambda value: value is True,
    "cap_drop": lambda value: value == ["ALL"],
    "security_opt": lambda value: value == ["no-new-privileges:true"],
    "tmpfs": _texts,
    "stop_grace_period": lambda value: SECONDS.fullmatch(value) is not None,
    "hostname": lambda value: isinstance(value, str),
    "environment": _text_map,
    "ports": lambda value: _texts(value) and all(PORT.fullmatch(each) for each in value),
    "volumes": _texts,
    "secrets": _texts,
    "depends_on": _dependencies,
    "healthcheck": _health,
    "deploy": lambda value: set(value) == {"replicas"} and isinstance(value["replicas"], int),
}
