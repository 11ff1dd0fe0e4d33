"""How large a contact list may be; beyond a limit the whole list is refused with the reason."""

from __future__ import annotations

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
"""The file as it is uploaded."""

MAX_UNPACKED_BYTES = 250 * 1024 * 1024
"""An XLSX file is a zip archive: all of it unpacked."""

MAX_ROWS = 250_000
"""Rows with something in them."""

MAX_LINES = 2_000_000
"""Physical lines of a text file, blank ones included."""

MAX_COLUMNS = 200

MAX_CELL_CHARACTERS = 32_767
"""What a spreadsheet's cell holds at most, by the specification of Excel."""

MAX_LINE_CHARACTERS = 200_000
"""A longer line is no row of a contact list, but a file of another kind."""

MAX_LINES_IN_ROW = 100
"""Quoted cells may hold line breaks; a row over more lines is taken for a quote that was never closed."""

MAX_NAME_CHARACTERS = 200
MAX_GROUP_CHARACTERS = 100
MAX_EXTERNAL_ID_CHARACTERS = 100
MAX_NOTES_CHARACTERS = 2_000
MAX_GROUPS = 100
"""Groups of one contact."""

MAX_NOTES_LINES = 50
"""Well within a row."""

MAX_PHONE_NUMBERS = 10
"""Phone numbers of one contact."""

MAX_PHONE_COLUMNS = 40
"""An export has a column for each place and kind of number that occurs: ten places, four kinds."""

MAX_REPORTED_ERRORS = 100_000
"""Further ones are counted, not kept."""

MAX_REPORTED_VALUE_CHARACTERS = 100
"""A longer value is shown cut off in an error."""
