"""Hypothesis profiles, used by name so that no other room's tests are changed by them.

On a build server (`CI` set) the examples are the same every time; elsewhere every run looks at new ones. A failure
prints its blob (`@reproduce_failure`) and is kept in `.hypothesis/` for the next run.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

IS_BUILD_SERVER = os.environ.get("CI", "").lower() in ("1", "true", "yes")

settings.register_profile(
    "dialing",
    max_examples=100,
    deadline=None,
    derandomize=IS_BUILD_SERVER,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
DIALING = settings.get_profile("dialing")
settings.register_profile("dialing-walk", DIALING, max_examples=300)
settings.register_profile("dialing-machine", DIALING, max_examples=150, stateful_step_count=60)
