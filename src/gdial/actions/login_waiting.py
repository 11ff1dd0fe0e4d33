"""How long a log-in waits after others failed: for each name and for each address, over all web processes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gdial.storage import login_waits
from gdial.storage.database import Transaction
from gdial.storage.login_waits import LoginWait

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are free; each after that doubles the wait, from a second up to `longest`."""

    free: int
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        if failures < self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(failures - self.free, 20)), self.longest)


OF_NAME = Patience(free=5, longest=timedelta(minutes=1))
"""Not longer: whoever knows a name could else keep its owner out during a call-out."""

OF_ADDRESS = Patience(free=20, longest=timedelta(minutes=15))
"""A whole house may share an address."""


def keys_of(secret: bytes, name: str, address: str) -> Mapping[str, Patience]:
    """Neither names nor addresses that somebody tried lie in the database."""
    return {_key(secret, "name", name.casefold()): OF_NAME, _key(secret, "address", address): OF_ADDRESS}


def _key(secret: bytes, kind: str, of: str) -> str:
    digest = hmac.new(secret, f"login {kind} {of}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return f"{kind}:{digest[:48]}"


async def begin_attempt(tx: Transaction, keys: Mapping[str, Patience], now: datetime) -> timedelta:
    """Zero: go on, and the attempt counts as failed until `forgive`. Else how long to wait, and nothing is counted.

    Counted before the password is looked at: many attempts at the same moment are no way around.
    """
    known = await login_waits.load(tx, list(keys))
    current = {key: _lasting(known.get(key), key, now) for key in keys}
    wait = max((each.free_at - now for each in current.values()), default=timedelta(0))
    if wait > timedelta(0):
        return wait
    for key, patience in keys.items():
        failures = current[key].failures + 1
        await login_waits.put(tx, LoginWait(key, failures, now, now + patience.wait_after(failures)))
    return timedelta(0)


async def forgive(tx: Transaction, keys: Mapping[str, Patience], now: datetime) -> None:
    """The password was right: the name begins anew, and the address gets this one attempt back."""
    known = await login_waits.load(tx, list(keys))
    for key, patience in keys.items():
        if patience is OF_NAME or key not in known:
            await login_waits.remove(tx, key)
        else:
            failures = known[key].failures - 1
            await login_waits.put(tx, LoginWait(key, failures, now, now + patience.wait_after(failures)))


def _lasting(known: LoginWait | None, key: str, now: datetime) -> LoginWait:
    """What is left of it. A clock that jumped back makes nobody wait longer than the longest."""
    if known is None or now - known.last_at > FORGOTTEN_AFTER or known.last_at > now + FORGOTTEN_AFTER:
        return LoginWait(key, 0, now, now)
    return known
