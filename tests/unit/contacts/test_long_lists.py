"""100,000 people on one list: in time, and with bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.contacts.lists import raw_workbook, sheet_xml

ROWS = 100_000
# VmHWM, since ru_maxrss of a process begins with that of the process it was started from.
READ = """
import sys, time
from gdial.contacts.reading import read_contact_list
with open(sys.argv[1], "rb") as source:
    read = read_contact_list(source, region="SE")
status = open("/proc/self/status").read()
peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
print(read.rows, len(read.contacts), len(read.errors), peak, round(time.process_time()))
"""


def rows() -> list[list[str]]:
    """One in a hundred has a bad mobile number and a good one at home; one in a hundred has no good one."""
    listed = [["Id", "Namn", "Mobil", "Hem", "Grupp", "Språk"]]
    for i in range(ROWS):
        mobile = "7,01E+08" if i % 100 < 2 else f"070-{i:07d}"
        home = "" if i % 100 == 1 else f"08-{100_000 + i}"
        listed.append([f"p{i}", f"Förnamn{i % 500} Efternamn{i}", mobile, home, f"Grupp {i % 300}|Alla", "sv"])
    return listed


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_hundred_thousand_rows(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"list.{kind}"
    if kind == "csv":
        path.write_text("".join(";".join(row) + "\n" for row in rows()), encoding="utf-8")
    else:
        cells = ("".join(f"<c t='inlineStr'><is><t>{cell}</t></is></c>" for cell in row) for row in rows())
        path.write_bytes(raw_workbook(sheet_xml("".join(f"<row>{row}</row>" for row in cells))))
    output = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True, timeout=280)
    read, contacts, errors, peak_mib, cpu_seconds = map(int, output.stdout.split())
    assert (read, contacts, errors) == (ROWS, ROWS * 99 // 100, ROWS * 2 // 100)
    assert peak_mib < 400
    assert cpu_seconds < 60
