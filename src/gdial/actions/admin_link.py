"""The link by which the first administrator comes in: good for a quarter of an hour, and once."""

from __future__ import annotations

from datetime import timedelta

from gdial.actions.acting import Actor
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.log_in import LoggedIn, actor_of_user, begin_session
from gdial.actions.save_user import TURN, insert_user, make_user
from gdial.actions.secrets_shown_once import hash_of, new_secret
from gdial.errors import Conflict, Worded
from gdial.runtime import Records
from gdial.storage import admin_links, users
from gdial.storage.database import Transaction
from gdial.storage.roles import Role
from gdial.storage.turns import take_turn

LASTS = timedelta(minutes=15)
PATH = "/first-administrator"
OVER = Worded("this link was used already, or its 15 minutes are over; make a new one with: gdial admin-link")
THERE_IS_ONE = Worded("there is an administrator already; a forgotten password is changed with: gdial user password")


async def make_admin_link(rt: Records, base_url: str, by: Actor) -> str:
    """The whole address; links made before are good no more. Raises Conflict where there is an administrator."""
    token, now = new_secret(), rt.clock()
    async with rt.database.transaction() as tx:
        await _require_no_administrator(tx)
        await admin_links.put(tx, hash_of(token), now + LASTS)
        await note_deed(tx, now, Deed.ADMIN_LINK_MADE, actor=by)
    return f"{base_url.rstrip('/')}{PATH}?link={token}"


async def is_good_link(rt: Records, token: str) -> bool:
    async with rt.database.reading() as tx:
        return await admin_links.is_good(tx, hash_of(token), rt.clock())


async def use_admin_link(
    rt: Records, token: str, name: str, password: str, language: str, shown_address: str
) -> LoggedIn:
    """Make the administrator and log in. Raises InvalidInput, after which the link is still good; Conflict."""
    if not await is_good_link(rt, token):
        raise Conflict(OVER)
    user = await make_user(rt, name, password, Role.ADMINISTRATOR, language)
    async with rt.database.transaction() as tx:
        await take_turn(tx, TURN)
        if not await admin_links.use(tx, hash_of(token), rt.clock()):
            raise Conflict(OVER)
        await _require_no_administrator(tx)
        await insert_user(tx, user)
        doer = actor_of_user(user, shown_address)
        await note_deed(tx, rt.clock(), Deed.ADMIN_LINK_USED, "user", user.id, name=user.name, actor=doer)
        return await begin_session(tx, rt.clock(), user, shown_address)


async def _require_no_administrator(tx: Transaction) -> None:
    if await users.count(tx, Role.ADMINISTRATOR):
        raise Conflict(THERE_IS_ONE)
