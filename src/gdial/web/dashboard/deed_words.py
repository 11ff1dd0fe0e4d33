"""What the log calls each deed, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gdial.actions.deeds import Deed
from gdial.actions.manual_list import CareDeed
from gdial.dialing.states import RunMode
from gdial.storage.roles import Role
from gdial.web.dashboard.languages import N_

DEEDS: Final[Mapping[str, str]] = {
    Deed.LOGGED_IN: N_("logged in"),
    Deed.LOG_IN_FAILED: N_("failed to log in"),
    Deed.LOGGED_OUT: N_("logged out"),
    Deed.LOGGED_OUT_EVERYWHERE: N_("logged out everywhere"),
    Deed.USER_ADDED: N_("added a user"),
    Deed.USER_CHANGED: N_("changed a user"),
    Deed.USER_REMOVED: N_("removed a user"),
    Deed.PASSWORD_CHANGED: N_("changed a password"),
    Deed.TOKEN_MADE: N_("made a token"),
    Deed.TOKEN_REMOVED: N_("removed a token"),
    Deed.ADMIN_LINK_MADE: N_("made a link for the first administrator"),
    Deed.ADMIN_LINK_USED: N_("became the first administrator"),
    Deed.RUN_STARTED: N_("started a run"),
    Deed.RUN_STOPPED: N_("stopped a run"),
    Deed.RUN_PAUSED: N_("paused a run"),
    Deed.RUN_RESUMED: N_("resumed a run"),
    Deed.RUN_AUDITED: N_("audited a run"),
    Deed.RUN_CHANGED: N_("changed a run"),
    Deed.RECIPIENT_CHANGED: N_("noted something about a person in a run"),
    Deed.CALL_STARTED: N_("rang one person"),
    Deed.CONTACT_ADDED: N_("added a contact"),
    Deed.CONTACT_CHANGED: N_("changed a contact"),
    Deed.CONTACT_REMOVED: N_("removed a contact"),
    Deed.CONTACTS_IMPORTED: N_("imported contacts"),
    Deed.CONTACTS_EXPORTED: N_("exported contacts"),
    Deed.CONTACTS_MERGED: N_("merged contacts"),
    Deed.GROUP_ADDED: N_("added a group"),
    Deed.GROUP_CHANGED: N_("changed a group"),
    Deed.GROUP_REMOVED: N_("removed a group"),
    Deed.MESSAGE_ADDED: N_("added a message"),
    Deed.MESSAGE_CHANGED: N_("changed a message"),
    Deed.MESSAGE_REMOVED: N_("removed a message"),
    Deed.LEXICON_CHANGED: N_("changed the lexicon"),
    Deed.RECORDING_ADDED: N_("added a recording"),
    Deed.RECORDING_REMOVED: N_("removed a recording"),
    Deed.WEBHOOK_ADDED: N_("added a webhook"),
    Deed.WEBHOOK_CHANGED: N_("changed a webhook"),
    Deed.WEBHOOK_REMOVED: N_("removed a webhook"),
    Deed.WEBHOOK_TRIED: N_("tried a webhook"),
    Deed.SETTING_CHANGED: N_("changed a setting"),
    Deed.QUEUE_CHANGED: N_("changed a queue"),
    Deed.REPORT_EXPORTED: N_("exported a report"),
    Deed.LOG_EXPORTED: N_("exported the log"),
    Deed.OTHER: N_("did something else"),
}

DETAILS: Final[Mapping[str, str]] = {
    RunMode.REAL: N_("real"),
    RunMode.DRILL: N_("Drill"),
    Role.VIEWER: N_("Viewer"),
    Role.OPERATOR: N_("Operator"),
    Role.ADMINISTRATOR: N_("Administrator"),
    "note": N_("Note"),
    "call now": N_("Call now"),
    CareDeed.TAKE: N_("I take this one"),
    CareDeed.RELEASE: N_("Let go"),
    CareDeed.HANDLE: N_("Handled"),
    CareDeed.REOPEN: N_("Not handled after all"),
}
"""What stands beside a deed as a code; anything else is shown as it is."""
