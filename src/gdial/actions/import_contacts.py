"""Take in a contact list: a short one here, a long one in a process of its own."""

from __future__ import annotations

import asyncio
from typing import BinaryIO

import structlog

from gdial.actions.import_process import ImportOrder, import_in_process
from gdial.actions.take_in_list import ImportReport, take_in_list
from gdial.runtime import Runtime

LARGEST_HERE_BYTES = 100_000
"""A file of this size is read in well under a second. Beyond it, the work would leave the calls that go on too little
of this process: Python runs one thread at a time."""

log = structlog.get_logger(__name__)


async def import_contacts(rt: Runtime, source: BinaryIO, *, dry_run: bool = False) -> ImportReport:
    """Read a CSV or XLSX file and store its people, in one transaction; the same file again changes nothing.

    A person is known by the external id, else by name and first number. The list's numbers replace the stored ones,
    its groups are added, and an empty language or note leaves what is there. Groups that are not there are made.
    With `dry_run` nothing is stored, and the report says what would be.

    Raises InvalidContactList; Conflict when somebody else takes an external id or a group at the same moment, and
    then nothing was stored; ImportBroken when the process of a long list came to its end too early.
    """
    region = rt.settings.default_region
    size = await asyncio.to_thread(source.seek, 0, 2)
    if size <= LARGEST_HERE_BYTES:
        report = await take_in_list(rt.database, rt.clock, source, region=region, dry_run=dry_run)
    else:
        order = ImportOrder(rt.settings.database_url, size, region, dry_run, rt.clock())
        report = await import_in_process(order, source)
    log.info("contacts imported", dry_run=dry_run, errors=len(report.errors), created=report.created,
             updated=report.updated, unchanged=report.unchanged)  # fmt: skip
    return report
