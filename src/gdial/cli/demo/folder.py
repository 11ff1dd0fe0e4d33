"""Each demo has a folder of its own, so that two can run at once and the last results stay."""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import count
from pathlib import Path

from gdial.errors import SetupError

USUAL_PLACE = Path("gdial-data/demo")
KEPT = 3
MARK = "gdial.db"


def make_demo_folder(place: Path, now: datetime) -> Path:
    """A new folder in `place`, named by the time. Of those before, the last ones are kept; raises SetupError."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = _make_free(place, f"{now:%Y-%m-%d-%H%M%S}")
    except OSError as error:
        raise SetupError(f"no folder can be made in {place} ({error.strerror}); name another with --folder") from None
    _remove_old(place, made)
    return made


def _make_free(place: Path, name: str) -> Path:
    for number in count(1):
        folder = place / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count() does not end")


def _remove_old(place: Path, made: Path) -> None:
    from gdial.storage.alone import serving_alone

    demos = sorted(folder for folder in place.iterdir() if (folder / MARK).is_file() and folder != made)
    for folder in demos[: max(0, len(demos) - KEPT + 1)]:
        try:
            with serving_alone(folder / MARK):
                shutil.rmtree(folder, ignore_errors=True)
        except SetupError:
            continue  # It still serves.
