"""Where the deployment files are, what checks them, and how a GDial that was started is asked."""

from __future__ import annotations

import http.client
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.support.serving import API_TOKEN

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def program(name: str, package: str) -> str:
    """Where this program is; a test that needs it fails with what to type when it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not installed. Type: sudo apt-get install {package}")
    return found


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def ask(port: int, path: str) -> Any:
    """What GDial answers on this machine's port, as JSON; None while nobody listens there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {API_TOKEN}"})
        answer = connection.getresponse()
        text = answer.read()
    except OSError:
        return None
    finally:
        connection.close()
    assert answer.status == 200, text
    return json.loads(text)
