"""The phones of the network: who rang them how often, what they do next, and whether they are engaged."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from gdial.simulator.people.behaviours import Behaviour
from gdial.simulator.people.plans import CallPlan, draw_plan, plan_scripted
from gdial.simulator.people.profile import Profile


@dataclass(slots=True)
class Phone:
    """One phone; `in_call` is the SID of the call that rings it or holds it."""

    number: str
    calls: int = 0
    in_call: str | None = None
    script: deque[Behaviour] = field(default_factory=deque)


class Phones:
    """All phones that were ever called or scripted, by number in E.164."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self._profile = profile
        self._seed = seed
        self._phones: dict[str, Phone] = {}

    def script(self, number: str, *behaviours: Behaviour) -> None:
        """Put behaviours in line for the next calls to this number; after them the profile speaks again."""
        self.find(number).script.extend(behaviours)

    def find(self, number: str) -> Phone:
        """The phone of this number; every number has one."""
        return self._phones.setdefault(number, Phone(number))

    def plan_call(self, number: str) -> CallPlan:
        """Count one more call to this number and say how it will go."""
        phone = self.find(number)
        earlier_calls, phone.calls = phone.calls, phone.calls + 1
        if phone.script:
            return plan_scripted(phone.script.popleft(), self._seed, number, earlier_calls)
        return draw_plan(self._profile, self._seed, number, earlier_calls)

    def occupy(self, number: str, sid: str) -> str | None:
        """Ring the phone for this call; answers the SID of the call it is already in, if any."""
        phone = self.find(number)
        if phone.in_call is not None:
            return phone.in_call
        phone.in_call = sid
        return None

    def release(self, number: str, sid: str) -> None:
        """Free the phone, if this call holds it."""
        phone = self.find(number)
        if phone.in_call == sid:
            phone.in_call = None

    def reset(self) -> None:
        """Forget every count and script."""
        self._phones.clear()
