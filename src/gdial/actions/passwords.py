"""Hashes of passwords: Argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gdial.errors import InvalidInput, Worded

FEWEST_CHARACTERS = 12
MOST_CHARACTERS = 200
PASSES = 3
LANES = 1
AT_ONCE = 2
"""Each takes PASSWORD_HASH_MIB: a storm of log-ins must not take the machine's memory."""

EXAMPLE = "four words that nobody would guess"

T = TypeVar("T")
Given = TypeVarTuple("Given")

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")


def check_password(password: str, name: str = "") -> None:
    """Raises InvalidInput for one that is easy to guess."""
    if len(password) < FEWEST_CHARACTERS:
        raise InvalidInput(
            Worded("is shorter than {fewest} characters", fewest=FEWEST_CHARACTERS), where="password", example=EXAMPLE
        )
    if len(password) > MOST_CHARACTERS:
        raise InvalidInput(
            Worded("is longer than {most} characters", most=MOST_CHARACTERS), where="password", example=EXAMPLE
        )
    if len(set(password)) < 5:
        raise InvalidInput("repeats a few characters", where="password", example=EXAMPLE)
    if name and password.casefold() == name.casefold():
        raise InvalidInput("is the user's name", where="password", example=EXAMPLE)


async def hash_password(password: str, mebibytes: int) -> str:
    return await _apart(_hasher(mebibytes).hash, password)


async def is_right(password_hash: str | None, password: str, mebibytes: int) -> bool:
    """None, for a user whom there is not, takes as long as a wrong password."""
    right = await _apart(_verify, password_hash or _nobodys_hash(mebibytes), password, mebibytes)
    return right and password_hash is not None


def is_outdated(password_hash: str, mebibytes: int) -> bool:
    """Whether it was made with other costs than are asked for now."""
    return _hasher(mebibytes).check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str, mebibytes: int) -> bool:
    try:
        return _hasher(mebibytes).verify(password_hash, password[: MOST_CHARACTERS + 1])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _hasher(mebibytes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=mebibytes * 1024, parallelism=LANES)


@lru_cache
def _nobodys_hash(mebibytes: int) -> str:
    """Of the same costs; no password fits it but one that nobody is asked for."""
    return _hasher(mebibytes).hash("nobody has this password")


async def _apart(work: Callable[[*Given], T], *arguments: *Given) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
