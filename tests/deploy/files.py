"""Where the deployment files are, and how a test asks for a program that checks them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

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
