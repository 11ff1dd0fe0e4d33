"""Who answered: a person or a machine, as far as listening can tell.

Source: https://www.twilio.com/docs/voice/answering-machine-detection; how long listening takes is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

from gdial.simulator.calls.request import CallRequest
from gdial.simulator.people.plans import CallPlan

PERSON_HEARD_SECONDS = 2.5
MACHINE_HEARD_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Detection:
    """The verdict, and how many telephone seconds it takes from the answer."""

    answered_by: str
    seconds: float


def detect_machine(plan: CallPlan, request: CallRequest) -> Detection:
    """What detection will say of this call; never wrong, which the vendor's is now and then."""
    verdict = Detection("human", PERSON_HEARD_SECONDS)
    if plan.does == "voicemail":
        verdict = Detection("machine_start", MACHINE_HEARD_SECONDS)
        if request.machine_detection == "DetectMessageEnd":
            verdict = Detection("machine_end_beep", plan.greeting_seconds)
    if verdict.seconds > request.machine_detection_timeout_seconds:
        return Detection("unknown", request.machine_detection_timeout_seconds)
    return verdict
