"""The shell completes what is typed: asked of real shells, in a home of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.commands import PATIENCE_SECONDS, Place

GDIAL = Path(sys.executable).with_name("gdial")
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None or not GDIAL.exists(), reason="needs bash, and gdial installed")

INSTALLED = ".bash_completions/gdial.sh"
COMPLETE = """
COMP_WORDS=({words}) COMP_CWORD={place}
$(complete -p gdial | sed 's/.*-F \\([^ ]*\\).*/\\1/') gdial
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash(place: Place, script: str) -> str:
    """What bash prints, with GDial on its path and this home."""
    environment = place.environment | {"PATH": f"{GDIAL.parent}:{place.environment['PATH']}"}
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script + "\ntrue"],
        cwd=place.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_installed_completes_commands_and_options(place: Place) -> None:
    commands = COMPLETE.format(words="gdial con", place=1)
    options = COMPLETE.format(words="gdial call Karin --ph", place=3)
    asked = f"gdial --install-completion >/dev/null\nsource ~/.bashrc\n{commands}\n{options}"
    assert bash(place, asked).split() == ["contact", "--phone"]
    assert bash(place, "gdial --show-completion").strip() in (place.folder / INSTALLED).read_text("utf-8")
