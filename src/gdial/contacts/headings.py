"""Which column holds what, told from its heading in Swedish or English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from gdial.contacts.model import PhoneLabel

Field = Literal["external_id", "name", "first_name", "last_name", "group", "language", "notes"]

_FIELDS: Mapping[Field, str] = {
    "name": (
        "namn, fullständigt namn, hela namnet, för och efternamn, kontakt, kontaktnamn, person, "
        "name, full name, fullname, display name, contact, contact name, person name"
    ),
    "first_name": "förnamn, tilltalsnamn, first name, firstname, given name, givenname, forename",
    "last_name": "efternamn, last name, lastname, surname, family name, familyname",
    "group": "grupp, grupper, gruppnamn, group, groups, group name, group names, groupname, group membership",
    "language": "språk, språkkod, language, languages, lang, language code, preferred language, locale",
    "notes": (
        "anteckning, anteckningar, notering, noteringar, kommentar, kommentarer, övrigt, "
        "note, notes, comment, comments, remark, remarks"
    ),
    "external_id": (
        "id, externt id, kontakt id, person id, kontaktid, personid, anställningsnummer, anställningsnr, "
        "anställnings id, medlemsnummer, medlemsnr, kundnummer, kundnr, elev id, "
        "external id, contact id, externalid, contactid, employee id, employee number, member id, member number, "
        "customer number, student id, reference"
    ),
}
_FIELD_BY_HEADING: Mapping[str, Field] = {
    heading: field for field, headings in _FIELDS.items() for heading in headings.split(", ")
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHONE_WORDS: Mapping[PhoneLabel, frozenset[str]] = {
    "mobile": _words(
        "mobil mobiltelefon mobilnummer mobilnr mobiltel mobiltelefonnummer arbetsmobil jobbmobil tjänstemobil "
        "privatmobil mobile mobilephone mobilenumber cell cellphone cellular"
    ),
    "home": _words("hem hemma hemtelefon hemnummer hemnr hemtel bostadstelefon home homephone"),
    "work": _words(
        "arbete arb arbetstelefon arbetsnummer jobb jobbet jobbtelefon jobbnummer tjänstetelefon kontorstelefon "
        "work workphone"
    ),
    "other": _words("telefon telefonnummer telefonnr tel telnr tfn tlf telephone phone phonenumber phones msisdn"),
}
_PLACE_WORDS: Mapping[str, PhoneLabel] = {
    **dict.fromkeys(("kontor", "office", "business", "company", "tjänst", "växel"), "work"),
    **dict.fromkeys(("bostad", "residence"), "home"),
}
"""Name a phone only beside a phone word: a column "Kontor" holds a town more often than a number."""

_BESIDE_PHONE_WORDS = _words(
    "nummer nr number no num value privat private personal main primary secondary huvudnummer dagtid kvällstid "
    "annan annat andra other extra alternativ alternativt alternative till"
)
_KNOWN_OF_PHONES = _BESIDE_PHONE_WORDS.union(_PLACE_WORDS, *_PHONE_WORDS.values())
_BARE_NUMBER_WORDS = frozenset(("nummer", "nr", "number"))

_CAMEL = re.compile(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])")
_NO_LETTER = re.compile(r"[\W\d_]+")


def field_of(heading: str) -> Field | None:
    """The field of a contact that a heading names, None when it names none or a phone number."""
    words = heading_words(heading)
    return _FIELD_BY_HEADING.get(" ".join(words)) or _FIELD_BY_HEADING.get("".join(words))


def phone_label_of(heading: str) -> PhoneLabel | None:
    """Which phone a heading names ("Telefon 2", "Work phone", "Mobil (privat)"); None when it names none.

    Every word must be one that is used of phone numbers: "Phone type" names no number.
    """
    words = heading_words(heading)
    labels = {label for label, names in _PHONE_WORDS.items() if not names.isdisjoint(words)}
    if not labels or not all(word in _KNOWN_OF_PHONES for word in words):
        return None
    labels.update(_PLACE_WORDS[word] for word in words if word in _PLACE_WORDS)
    return next(label for label in _PHONE_WORDS if label in labels)


def is_bare_number(heading: str) -> bool:
    """Whether a heading says only "Number": a phone number if no other column is one."""
    words = heading_words(heading)
    return len(words) == 1 and words[0] in _BARE_NUMBER_WORDS


def heading_words(heading: str) -> list[str]:
    """The words of a heading without case, digits and signs: "Phone_1", "phone 1:" and "Phone 1" are the same."""
    return _NO_LETTER.sub(" ", _CAMEL.sub(" ", heading)).casefold().split()
