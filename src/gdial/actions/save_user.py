"""Take in, change and remove users."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from gdial.actions.acting import Actor
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.passwords import check_password, hash_password, is_right
from gdial.errors import Conflict, InvalidInput, Worded
from gdial.runtime import Records
from gdial.storage import sessions, users
from gdial.storage.database import Transaction
from gdial.storage.roles import Role
from gdial.storage.turns import take_turn
from gdial.storage.users import User

LANGUAGES = ("sv", "en")
MOST_NAME_CHARACTERS = 100
NAME_EXAMPLE = "Vera Vakt"
TURN = "users"
LAST_ADMINISTRATOR = Worded("this is the last administrator; make somebody else administrator first")
NAME_TAKEN = Worded("somebody has this name already")


class GivenUser(TypedDict, total=False):
    """What was given of a user; a field that is not there stays as it is."""

    name: str
    role: Role
    language: str


async def create_user(rt: Records, name: str, password: str, role: Role, language: str = "") -> User:
    """Raises InvalidInput with the field, Conflict for a name that somebody has."""
    user = await make_user(rt, name, password, role, language)
    async with rt.database.transaction() as tx:
        await insert_user(tx, user)
        await note_deed(tx, user.created_at, Deed.USER_ADDED, "user", user.id, name=user.name, detail=user.role)
    return user


async def make_user(rt: Records, name: str, password: str, role: Role, language: str) -> User:
    """Not stored yet. Raises InvalidInput."""
    name = read_name(name)
    check_password(password, name)
    language = read_language(language)
    now = rt.clock()
    return User(uuid4(), name, await hash_password(password, rt.settings.password_hash_mib), role, language, now, now)


async def insert_user(tx: Transaction, user: User) -> None:
    """Raises Conflict for a name that somebody has."""
    await take_turn(tx, TURN)
    try:
        async with tx.begin_nested():
            await users.insert(tx, user)
    except IntegrityError:
        raise Conflict(NAME_TAKEN) from None


async def change_user(rt: Records, user_id: UUID, given: GivenUser) -> User:
    """A new role is in force from the next request on. Raises NotFound, InvalidInput, Conflict."""
    async with rt.database.transaction() as tx:
        await take_turn(tx, TURN)
        before = await users.get(tx, user_id, lock=True)
        after = replace(
            before,
            name=read_name(given["name"]) if "name" in given else before.name,
            role=given.get("role", before.role),
            language=read_language(given["language"]) if "language" in given else before.language,
        )
        if after == before:
            return before
        if before.role is Role.ADMINISTRATOR and after.role is not Role.ADMINISTRATOR:
            await _require_another_administrator(tx)
        there = await users.find(tx, after.name)
        if there is not None and there.id != user_id:
            raise Conflict(NAME_TAKEN)
        after = replace(after, updated_at=rt.clock())
        await users.save(tx, after)
        detail = f"{before.role} → {after.role}" if after.role != before.role else ""
        await note_deed(tx, rt.clock(), Deed.USER_CHANGED, "user", user_id, name=after.name, detail=detail)
    return after


async def set_password(rt: Records, user_id: UUID, password: str) -> User:
    """Of somebody else, who is logged out everywhere. Raises NotFound, InvalidInput."""
    async with rt.database.reading() as tx:
        user = await users.get(tx, user_id)
    await _put_password(rt, user, password)
    return user


async def change_own_password(rt: Records, actor: Actor, old: str, new: str) -> None:
    """All other sessions of this user end. Raises InvalidInput; Conflict for a token, which has no password."""
    if actor.user_id is None:
        raise Conflict("a token has no password")
    async with rt.database.reading() as tx:
        user = await users.get(tx, actor.user_id)
    if not await is_right(user.password_hash, old, rt.settings.password_hash_mib):
        raise InvalidInput("is not the password of now", where="old_password")
    await _put_password(rt, user, new, keep=actor.session_hash)


async def _put_password(rt: Records, user: User, password: str, *, keep: str = "") -> None:
    check_password(password, user.name)
    hashed, now = await hash_password(password, rt.settings.password_hash_mib), rt.clock()
    async with rt.database.transaction() as tx:
        current = await users.get(tx, user.id, lock=True)
        await users.save(tx, replace(current, password_hash=hashed, updated_at=now))
        await sessions.remove_all_of(tx, user.id, but=keep)
        await note_deed(tx, now, Deed.PASSWORD_CHANGED, "user", user.id, name=user.name)


async def remove_user(rt: Records, user_id: UUID) -> None:
    """With all sessions and tokens. Raises NotFound, Conflict for the last administrator."""
    async with rt.database.transaction() as tx:
        await take_turn(tx, TURN)
        user = await users.get(tx, user_id, lock=True)
        if user.role is Role.ADMINISTRATOR:
            await _require_another_administrator(tx)
        await users.remove(tx, user_id)
        await note_deed(tx, rt.clock(), Deed.USER_REMOVED, "user", user_id, name=user.name, detail=user.role)


async def _require_another_administrator(tx: Transaction) -> None:
    if await users.count(tx, Role.ADMINISTRATOR) <= 1:
        raise Conflict(LAST_ADMINISTRATOR)


def read_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise InvalidInput("is empty", where="name", example=NAME_EXAMPLE)
    if len(cleaned) > MOST_NAME_CHARACTERS:
        raise InvalidInput(
            Worded("is longer than {most} characters", most=MOST_NAME_CHARACTERS), where="name", example=NAME_EXAMPLE
        )
    if not cleaned.isprintable():
        raise InvalidInput("holds a sign that nobody can write", where="name", example=NAME_EXAMPLE)
    return cleaned


def read_language(language: str) -> str:
    if language and language not in LANGUAGES:
        raise InvalidInput("is no language of the pages", where="language", example=", ".join(LANGUAGES))
    return language
