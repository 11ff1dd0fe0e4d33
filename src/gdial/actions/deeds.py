"""What the audit log calls what somebody did, and how it is written down."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from gdial.actions.acting import Actor, acting
from gdial.storage import audit
from gdial.storage.audit import Entry
from gdial.storage.database import Transaction

MOST_CHARACTERS = 200


class Deed(StrEnum):
    """Words that do not change: programs and old exports have them."""

    LOGGED_IN = "session.begun"
    LOG_IN_FAILED = "session.refused"
    LOGGED_OUT = "session.ended"
    LOGGED_OUT_EVERYWHERE = "session.all-ended"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    PASSWORD_CHANGED = "user.password-changed"  # noqa: S105 - a word
    TOKEN_MADE = "token.made"  # noqa: S105 - a word
    TOKEN_REMOVED = "token.removed"  # noqa: S105 - a word
    ADMIN_LINK_MADE = "admin-link.made"
    ADMIN_LINK_USED = "admin-link.used"
    RUN_STARTED = "run.started"
    RUN_STOPPED = "run.stopped"
    RUN_PAUSED = "run.paused"
    RUN_RESUMED = "run.resumed"
    RUN_AUDITED = "run.audited"
    RUN_CHANGED = "run.changed"
    RECIPIENT_CHANGED = "recipient.changed"
    CALL_STARTED = "call.started"
    CONTACT_ADDED = "contact.added"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_REMOVED = "contact.removed"
    CONTACTS_IMPORTED = "contacts.imported"
    CONTACTS_EXPORTED = "contacts.exported"
    CONTACTS_MERGED = "contacts.merged"
    GROUP_ADDED = "group.added"
    GROUP_CHANGED = "group.changed"
    GROUP_REMOVED = "group.removed"
    MESSAGE_ADDED = "message.added"
    MESSAGE_CHANGED = "message.changed"
    MESSAGE_REMOVED = "message.removed"
    LEXICON_CHANGED = "lexicon.changed"
    RECORDING_ADDED = "recording.added"
    RECORDING_REMOVED = "recording.removed"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_TRIED = "webhook.tried"
    SETTING_CHANGED = "setting.changed"
    QUEUE_CHANGED = "queue.changed"
    REPORT_EXPORTED = "report.exported"
    LOG_EXPORTED = "log.exported"
    OTHER = "other"


async def note_deed(
    tx: Transaction,
    now: datetime,
    deed: Deed,
    object_kind: str = "",
    object_id: object = "",
    *,
    name: str = "",
    detail: str = "",
    actor: Actor | None = None,
) -> None:
    """Write down, in the transaction that does it, what is done by `actor`, or by whoever acts now.

    Nothing is written where nobody acts: a worker, the scheduler and the carrier's doors do nothing of their own will.
    `name` and `detail` are for people; neither may hold a secret or a phone number.
    """
    doer = actor or acting()
    if doer is None:
        return
    for each in (doer, acting()):
        if each is not None:
            each.noted.append(deed)
    entry = Entry(
        id=uuid4(),
        at=now,
        actor_kind=doer.kind,
        actor=doer.name[:100],
        user_id=doer.user_id,
        deed=deed,
        object_kind=object_kind,
        object_id=str(object_id)[:80],
        object_name=name[:MOST_CHARACTERS],
        detail=detail[:MOST_CHARACTERS],
        address=doer.address,
    )
    await audit.insert(tx, entry)
