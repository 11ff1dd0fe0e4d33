"""Log in and out: sessions that the server keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gdial.actions.acting import Actor, ActorKind
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.login_waiting import begin_attempt, forgive, keys_of
from gdial.actions.passwords import MOST_CHARACTERS, hash_password, is_outdated, is_right
from gdial.actions.secrets_shown_once import csrf_of, hash_of, new_secret
from gdial.errors import GDialError
from gdial.runtime import Records, Runtime
from gdial.storage import sessions, users
from gdial.storage.database import Transaction
from gdial.storage.roles import Role
from gdial.storage.sessions import Session
from gdial.storage.users import User

TOUCHED_EVERY = timedelta(minutes=1)
"""A session that is used is not written anew at each request."""

MOST_NAME_CHARACTERS = 100

log = structlog.get_logger(__name__)


class LogInRefused(GDialError):
    """The name or the password is wrong, and nobody is told which; or too many tries failed before."""

    def __init__(self, wait_seconds: int = 0) -> None:
        self.wait_seconds = wait_seconds
        super().__init__(
            f"too many tries failed; wait {wait_seconds} s" if wait_seconds else "the name or the password is wrong"
        )


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`token` is for the browser alone."""

    token: str
    user: User


async def log_in(rt: Runtime, name: str, password: str, address: str, shown_address: str) -> LoggedIn:
    """A new session. `address` is whence it is asked, `shown_address` what the log may hold of it. Raises LogInRefused.

    A name that nobody has takes the same time and gets the same words, waits among them.
    """
    name, cost = name.strip()[: MOST_NAME_CHARACTERS + 1], rt.settings.password_hash_mib
    keys = keys_of(rt.secret, name, address)
    async with rt.database.transaction() as tx:
        wait = await begin_attempt(tx, keys, rt.clock())
        user = await users.find(tx, name)
    if wait > timedelta(0):
        log.warning("log-in held back", address=shown_address)
        raise LogInRefused(math.ceil(wait.total_seconds()))
    if not await is_right(user.password_hash if user else None, password[: MOST_CHARACTERS + 1], cost):
        await _note_refusal(rt, user, shown_address)
        raise LogInRefused
    assert user is not None  # noqa: S101 - else no password is right
    newer = await hash_password(password, cost) if is_outdated(user.password_hash, cost) else None
    async with rt.database.transaction() as tx:
        await forgive(tx, keys, rt.clock())
        if newer is not None:
            await users.put_hash(tx, user.id, user.password_hash, newer)
        return await begin_session(tx, rt.clock(), user, shown_address)


async def begin_session(tx: Transaction, now: datetime, user: User, shown_address: str) -> LoggedIn:
    token = new_secret()
    await sessions.insert(tx, Session(hash_of(token), user.id, shown_address, now, now))
    await users.note_login(tx, user.id, now)
    await note_deed(tx, now, Deed.LOGGED_IN, "user", user.id, name=user.name, actor=actor_of_user(user, shown_address))
    return LoggedIn(token, user)


async def _note_refusal(rt: Runtime, user: User | None, shown_address: str) -> None:
    """A name that nobody has may be a password in the wrong field: it is not kept."""
    log.warning("log-in refused", address=shown_address)
    name = user.name if user else ""
    nobody = Actor(ActorKind.USER, name, Role.VIEWER, user.id if user else None, address=shown_address)
    async with rt.database.transaction() as tx:
        await note_deed(tx, rt.clock(), Deed.LOG_IN_FAILED, "user", user.id if user else "", name=name, actor=nobody)


async def find_session(rt: Runtime, token: str, shown_address: str) -> Actor | None:
    """Who is logged in with this token, with the role of this moment; None: nobody any more."""
    now, token_hash = rt.clock(), hash_of(token)
    async with rt.database.reading() as tx:
        found = await sessions.find(tx, token_hash, created_after=_oldest(rt, now), seen_after=now - _idle(rt))
    if found is None:
        return None
    user, seen_at = found
    if now - seen_at >= TOUCHED_EVERY:
        async with rt.database.transaction() as tx:
            await sessions.touch(tx, token_hash, now)
    return replace(actor_of_user(user, shown_address), csrf=csrf_of(token), session_hash=token_hash)


def actor_of_user(user: User, shown_address: str) -> Actor:
    return Actor(
        ActorKind.USER, user.name, user.role, user_id=user.id, language=user.language or None, address=shown_address
    )


async def log_out(rt: Runtime, token: str) -> None:
    async with rt.database.transaction() as tx:
        await sessions.remove(tx, hash_of(token))
        await note_deed(tx, rt.clock(), Deed.LOGGED_OUT)


async def log_out_everywhere(rt: Runtime, actor: Actor) -> int:
    """Here too; how many sessions there were."""
    if actor.user_id is None:
        return 0
    async with rt.database.transaction() as tx:
        await note_deed(tx, rt.clock(), Deed.LOGGED_OUT_EVERYWHERE, "user", actor.user_id, name=actor.name)
        return await sessions.remove_all_of(tx, actor.user_id)


async def forget_old_sessions(rt: Runtime, tx: Transaction) -> None:
    now = rt.clock()
    await sessions.forget_old(tx, created_before=_oldest(rt, now), seen_before=now - _idle(rt))


def _oldest(rt: Records, now: datetime) -> datetime:
    return now - timedelta(hours=rt.settings.session_max_hours)


def _idle(rt: Records) -> timedelta:
    return timedelta(minutes=rt.settings.session_idle_minutes)
