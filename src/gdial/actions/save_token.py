"""Make, find and remove API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from gdial.actions.acting import Actor, ActorKind
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.save_user import read_name
from gdial.actions.secrets_shown_once import API_TOKEN_PREFIX, hash_of, new_secret
from gdial.errors import InvalidInput, Worded
from gdial.runtime import Records
from gdial.storage import api_tokens, users
from gdial.storage.api_tokens import ApiToken
from gdial.storage.roles import Role

LONGEST_DAYS = 3650
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewToken:
    """`secret` is shown now and never again."""

    secret: str
    token: ApiToken


async def create_token(
    rt: Records,
    actor: Actor,
    name: str,
    role: Role,
    *,
    days: int | None = None,
    user_id: UUID | None = None,
) -> NewToken:
    """Good for so many days, None: until it is removed. With `user_id` it is that user's own: it may never do more
    than the user, and goes with the user. Raises InvalidInput, NotFound."""
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            Worded("is not a whole number from {low} to {high}", low=1, high=LONGEST_DAYS), where="days", example="365"
        )
    secret, now = new_secret(API_TOKEN_PREFIX), rt.clock()
    expires_at = now + timedelta(days=days) if days is not None else None
    token = ApiToken(uuid4(), read_name(name), hash_of(secret), role, user_id, actor.name[:100], now, expires_at)
    async with rt.database.transaction() as tx:
        if user_id is not None:
            await users.get(tx, user_id, lock=True)
        await api_tokens.insert(tx, token)
        token = await api_tokens.get(tx, token.id)
        await note_deed(tx, now, Deed.TOKEN_MADE, "token", token.id, name=token.name, detail=_told(token))
    return NewToken(secret, token)


async def remove_token(rt: Records, token_id: UUID) -> None:
    """Nothing comes in with it from now on. Raises NotFound."""
    async with rt.database.transaction() as tx:
        token = await api_tokens.get(tx, token_id)
        await api_tokens.remove(tx, token_id)
        await note_deed(tx, rt.clock(), Deed.TOKEN_REMOVED, "token", token_id, name=token.name, detail=_told(token))


async def find_token(rt: Records, secret: str, shown_address: str) -> Actor | None:
    """Whose token this is; None: nobody's any more."""
    if not secret.startswith(API_TOKEN_PREFIX):
        return None
    now = rt.clock()
    async with rt.database.reading() as tx:
        token = await api_tokens.find(tx, hash_of(secret), now)
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        async with rt.database.transaction() as tx:
            await api_tokens.note_use(tx, token.id, now)
    return _actor_of(token, shown_address)


def role_of(token: ApiToken) -> Role:
    """A user's token may never do more than the user may now."""
    if token.user_role is None or token.user_role.covers(token.role):
        return token.role
    return token.user_role


def _actor_of(token: ApiToken, shown_address: str) -> Actor:
    name = f"{token.user_name} ({token.name})" if token.user_name else token.name
    return Actor(
        ActorKind.TOKEN, name[:100], role_of(token), user_id=token.user_id, token_id=token.id, address=shown_address
    )


def _told(token: ApiToken) -> str:
    until = f" until {token.expires_at:%Y-%m-%d}" if token.expires_at else ""
    owner = f" for {token.user_name}" if token.user_name else ""
    return f"{token.role}{owner}{until}"
