"""What is wrong with a name or a password, in the words that the catalogues translate."""

from __future__ import annotations

from gdial.errors import GDialError, InvalidInput
from gdial.web.dashboard.languages import N_
from gdial.web.dashboard.page import PageMaker

REASONS = {
    "is shorter than 12 characters": N_("The password is shorter than 12 characters."),
    "is longer than 200 characters": N_("The password is longer than 200 characters."),
    "repeats a few characters": N_("The password repeats a few characters."),
    "is the user's name": N_("The password is the user's name."),
    "is not the password of now": N_("The password of now is wrong."),
    "is empty": N_("The name is empty."),
}
CONFLICTS = (
    N_("this is the last administrator; make somebody else administrator first"),
    N_("somebody has this name already"),
    N_("this link was used already, or its 15 minutes are over; make a new one with: gdial admin-link"),
    N_("there is an administrator already; a forgotten password is changed with: gdial user password"),
)
"""The actions' own words, marked for the catalogues."""

DIFFERENT = N_("The two passwords differ.")


def told(page: PageMaker, error: GDialError) -> str:
    """In the language of the page where there are words for it."""
    if isinstance(error, InvalidInput) and error.reason in REASONS:
        return page.gettext(REASONS[error.reason])
    return page.gettext(str(error))
