"""What a simulated network can be told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gdial.errors import InvalidInput
from gdial.simulator.clock import Clock
from gdial.simulator.faults.plan import FaultPlan
from gdial.simulator.people.profile import E164, Profile

LONGEST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class SimulatorOptions:
    """Everything that can be chosen; the defaults are a free port, real time, and no limit of any kind.

    A value out of bounds raises `InvalidInput` that names the option as the command line spells it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free one."""
    control_port: int | None = None
    """Another port with the same routes, which stays open while an outage of the plan closes the first; 0 picks one."""
    speed: float = 1.0
    """Telephone seconds to a real second; HTTP time-outs are never scaled."""
    seed: int = 0
    profile: Profile | Path | None = None
    """Who answers and how; none is the built-in Swedish night."""
    faults: FaultPlan | Path | None = None
    """What goes wrong; none is nothing. `PUT /faults` replaces it."""
    account: str | None = None
    """The only account SID that is let in; none lets anyone in."""
    token: str | None = None
    """The only auth token that is let in; none lets any in."""
    caller_ids: tuple[str, ...] = ()
    """The numbers `From` may be, in E.164; none allows any."""
    calls_per_second: float | None = None
    """How many calls are dialled in a telephone second; what comes faster waits in the network's queue."""
    max_concurrent_calls: int | None = None
    """How many calls may be open at once before a create is refused with 10004."""
    requests_per_second: float | None = None
    """How many API requests a real second are let through before 20429."""
    keep_calls: int = 200_000
    """How many calls are remembered; the oldest finished ones are forgotten first."""
    clock: Clock | None = None
    """Another clock than the machine's own at `speed`."""

    def __post_init__(self) -> None:
        self._check(0 <= self.port <= LONGEST_PORT, "--port", f"{self.port} is no port", "8080, or 0 for a free one")
        port = self.control_port
        self._check(
            port is None or 0 <= port <= LONGEST_PORT,
            "--control-port",
            f"{port} is no port",
            "8081, or 0 for a free one",
        )
        self._check(self.speed > 0, "--speed", f"{self.speed} is not above zero", "10")
        self._check(self.keep_calls >= 1, "--keep-calls", f"{self.keep_calls} keeps nothing", "200000")
        for number in self.caller_ids:
            self._check(bool(E164.fullmatch(number)), "--caller-id", f"{number!r} is not E.164", "+46850000000")
        for name in ("calls_per_second", "max_concurrent_calls", "requests_per_second"):
            value = getattr(self, name)
            option = "--" + name.replace("_", "-")
            self._check(value is None or value > 0, option, f"{value} is not above zero", "5")

    @staticmethod
    def _check(right: bool, option: str, reason: str, example: str) -> None:
        if not right:
            raise InvalidInput(reason, where=option, example=example)
