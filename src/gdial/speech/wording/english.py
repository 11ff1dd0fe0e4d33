"""English, as it is read aloud."""

from __future__ import annotations

from gdial.speech.wording.table import Clock, Unit, Wording

ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty")

KRONA = Unit("1 krona", "kronor", "öre")
EURO = Unit("1 euro", "euros", "cents")
DOLLAR = Unit("1 dollar", "dollars", "cents")
POUND = Unit("1 pound", "pounds", "pence")

UNITS = {
    "kr": KRONA,
    "SEK": KRONA,
    "€": EURO,
    "EUR": EURO,
    "USD": DOLLAR,
    "GBP": POUND,
    "%": Unit("1 percent", "percent"),
    "°C": Unit("1 degree", "degrees"),
    "°F": Unit("1 degree Fahrenheit", "degrees Fahrenheit"),
    "°": Unit("1 degree", "degrees"),
    "kg": Unit("1 kilo", "kilos"),
    "g": Unit("1 gram", "grams"),
    "mg": Unit("1 milligram", "milligrams"),
    "lb": Unit("1 pound", "pounds"),
    "lbs": Unit("1 pound", "pounds"),
    "km": Unit("1 kilometre", "kilometres"),
    "m": Unit("1 metre", "metres"),
    "cm": Unit("1 centimetre", "centimetres"),
    "mm": Unit("1 millimetre", "millimetres"),
    "ft": Unit("1 foot", "feet"),
    "mi": Unit("1 mile", "miles"),
    "m²": Unit("1 square metre", "square metres"),
    "m³": Unit("1 cubic metre", "cubic metres"),
    "l": Unit("1 litre", "litres"),
    "ml": Unit("1 millilitre", "millilitres"),
    "km/h": Unit("1 kilometre an hour", "kilometres an hour"),
    "mph": Unit("1 mile an hour", "miles an hour"),
    "m/s": Unit("1 metre a second", "metres a second"),
    "kWh": Unit("1 kilowatt hour", "kilowatt hours"),
    "kW": Unit("1 kilowatt", "kilowatts"),
    "V": Unit("1 volt", "volts"),
    "h": Unit("1 hour", "hours"),
    "hr": Unit("1 hour", "hours"),
    "hrs": Unit("1 hour", "hours"),
    "min": Unit("1 minute", "minutes"),
    "min.": Unit("1 minute", "minutes"),
    "mins": Unit("1 minute", "minutes"),
    "sec": Unit("1 second", "seconds"),
    "secs": Unit("1 second", "seconds"),
    "s": Unit("1 second", "seconds"),
    "pcs": Unit("1 piece", "pieces"),
    "am": Unit("1 a m", "a m"),
    "a.m.": Unit("1 a m", "a m"),
    "pm": Unit("1 p m", "p m"),
    "p.m.": Unit("1 p m", "p m"),
}

ABBREVIATIONS = {
    "e.g.": "for example",
    "eg.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "etc": "et cetera",
    "approx.": "approximately",
    "approx": "approximately",
    "ca.": "about",
    "vs.": "versus",
    "vs": "versus",
    "tel.": "telephone",
    "ext.": "extension",
    "dept.": "department",
    "incl.": "including",
    "excl.": "excluding",
    "max.": "maximum",
    "mr.": "mister",
    "mr": "mister",
    "mrs.": "missis",
    "mrs": "missis",
    "dr.": "doctor",
    "asap": "as soon as possible",
    "ASAP": "as soon as possible",
    "a.m.": "a m",
    "p.m.": "p m",
    "kr": "kronor",
}

WORDING = Wording(
    numbers=(*ONES, *TEENS, *(f"{ten} {one}".strip() for ten in TENS for one in ("", *ONES[1:]))),
    plus="plus",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    clock=Clock(
        spoken_prefix="",
        full_hour="{hour} o'clock",
        full_hour_after_noon="{hour} hundred",
        minutes="{hour} {minute}",
        few_minutes="{hour} oh {minute}",
        midnight="midnight",
        until="to",
        dotted_after=("at", "from", "until", "till", "to", "by", "before", "after", "between"),
        suffixes={"am": "a m", "a.m.": "a m", "pm": "p m", "p.m.": "p m"},
    ),
    thousands=",",
    abbreviations=ABBREVIATIONS,
    may_end_sentence=frozenset({"etc.", "a.m.", "p.m."}),
    before_number={"no.": "number", "nr": "number", "nr.": "number", "p.": "page", "ch.": "chapter"},
    short_numbers={"112": "one one two", "911": "nine one one", "999": "nine nine nine"},
    spelled_after=("code", "pin", "passcode"),
    units=UNITS,
    money_before={"€": EURO, "$": DOLLAR, "£": POUND},
    money_joint="and",
    marks={"&": "and", "=": "equals"},
    national_numbers=r"(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ -])\d{3}[ -]\d{4}",
)
