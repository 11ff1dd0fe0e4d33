"""Contact lists of any size, fictional and the same each time, with one bad number in a hundred rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import openpyxl  # type: ignore[import-untyped]

HEADINGS = ("Id", "Namn", "Mobil", "Hem", "Grupp", "Språk")
GROUP = "Alla"
BAD_EVERY = 100
FIRST_NAMES = ("Karin", "Bo", "Anna", "Erik", "Östen", "Maria", "Åsa", "Johan", "Eva", "Ärling", "Lars")
LAST_NAMES = ("Öst", "Ek", "Lind", "Berg", "Åkesson", "Nyström", "Holm")


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """The hundredth of each hundred has a letter in its only number."""
    for place in range(count):
        is_bad = place % BAD_EVERY == BAD_EVERY - 1
        mobile = f"07O-{place}" if is_bad else f"070-{1_000_000 + place}"
        home = "" if is_bad or place % 2 else f"031-{1_000_000 + place}"
        name = f"{FIRST_NAMES[place % 11]} {LAST_NAMES[place // 11 % 7]} {place}"
        groups = f"{GROUP}, Avdelning {place % 50}"
        yield f"A{place}", name, mobile, home, groups, "en" if place % 3 == 0 else "sv"


def csv_list(count: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADINGS)
    writer.writerows(rows(count))
    return text.getvalue().encode()


def xlsx_list(count: int) -> bytes:
    """As a spreadsheet program writes it: shared strings, one sheet."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Kontakter")
    sheet.append(HEADINGS)
    for row in rows(count):
        sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
