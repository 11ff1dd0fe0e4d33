"""A telephone network that speaks Twilio's REST API and rings nobody.

    async with running_simulator(SimulatorOptions(speed=20)) as simulator:
        simulator.phones.script("+46701234567", NoAnswer(), Press(keys={"1": 1}))
        ...
        await simulator.wait_until_idle()
        print(simulator.ledger())

It shares no code with the room that talks to carriers: a mistake about the vendor cannot sit in both.
"""

from gdial.simulator.clock import ScaledClock
from gdial.simulator.faults.plan import FaultPlan
from gdial.simulator.faults.reading import parse_fault_plan, read_fault_plan
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import (
    BadNumber,
    Behaviour,
    Busy,
    HangUp,
    Listen,
    NoAnswer,
    Press,
    Reject,
    Voicemail,
)
from gdial.simulator.people.profile import Person, Profile, default_profile, parse_profile, read_profile
from gdial.simulator.server import Simulator, running_simulator, serve_simulator

__all__ = [
    "BadNumber",
    "Behaviour",
    "Busy",
    "FaultPlan",
    "HangUp",
    "Listen",
    "NoAnswer",
    "Person",
    "Press",
    "Profile",
    "Reject",
    "ScaledClock",
    "Simulator",
    "SimulatorOptions",
    "Voicemail",
    "default_profile",
    "parse_fault_plan",
    "parse_profile",
    "read_fault_plan",
    "read_profile",
    "running_simulator",
    "serve_simulator",
]
