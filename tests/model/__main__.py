"""Search every scene as far as the given number of states goes: `python -m tests.model [STATES]`."""

from __future__ import annotations

import sys
import time

from tests.model.scenes import SCENES


def main(most_states: int) -> int:
    faults = 0
    for scene in SCENES:
        began = time.process_time()
        found = scene.search(most_states=most_states)
        faults += found.broken is not None
        sys.stdout.write(f"{scene.name}: {found} in {time.process_time() - began:.0f} s\n")
        sys.stdout.flush()
    return faults


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 150_000))
