"""Whatever is sent to the import: a reason, never a fault of ours, and never half a list."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdial.actions.import_process import COMMAND, ImportOrder
from gdial.runtime import Runtime
from tests.support.runtime import API_TOKEN
from tests.support.web import Answer, Api

file_names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=300)
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LIST = b"Namn;Mobil;Grupp\nKarin \xc3\x96st;070-174 06 05;Natt\nBo Ek;070-174 06 06;Dag\n"
LARGE_BYTES = 150_000
"""Beyond this size a process of its own reads the list."""


def workbook(rows: int = 3, columns: int = 2) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Name", "Phone", *(f"Column {place}" for place in range(columns - 2))])
    for row in range(rows):
        sheet.append([f"Person {row}", f"070{1_000_000 + row}"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WORKBOOK = workbook()


def zip_of(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def bomb() -> bytes:
    """A workbook whose sheet is 265 MB of nothing."""
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if name.endswith("sheet1.xml"))
    head, _, _ = parts[sheet].partition(b"<sheetData>")
    return zip_of(parts | {sheet: head + b"<sheetData>" + b" " * 265_000_000})


async def assert_taken_whole_or_refused_with_a_reason(api: Api, content: bytes, name: str = "people.csv") -> Answer:
    before = (await api.get("/api/contacts?limit=1")).json["total"]
    answer = await api.import_file(content, name=name)
    after = (await api.get("/api/contacts?limit=1")).json["total"]
    if answer.status == 200:
        assert after == before + answer.json["created"]
    else:
        assert 400 <= answer.status < 500, answer.text
        assert all(error["reason"] for error in answer.json.get("errors", []))
        assert answer.json["detail"]
        assert after == before
    return answer


@MANY
@given(st.one_of(st.binary(max_size=3_000), st.text(max_size=1_000).map(str.encode)), file_names)
async def test_any_bytes_under_any_name(quick_api: Api, content: bytes, name: str) -> None:
    await assert_taken_whole_or_refused_with_a_reason(quick_api, content, name)


@MANY
@given(st.data())
async def test_a_list_with_changed_bytes(quick_api: Api, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([LIST, WORKBOOK])))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    await assert_taken_whole_or_refused_with_a_reason(quick_api, bytes(content))


@MANY
@given(st.integers(1, len(WORKBOOK) - 1))
async def test_a_workbook_cut_off(quick_api: Api, length: int) -> None:
    answer = await assert_taken_whole_or_refused_with_a_reason(quick_api, WORKBOOK[:length])

    assert answer.status == 422


HURTFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "ten thousand columns": (lambda: b"Name;Phone" + b";x" * 10_000 + b"\nBo;070-174 06 05\n", "10,002 cells"),
    "ten thousand columns in a workbook": (lambda: workbook(columns=10_000), "columns"),
    "a quote that is never closed": (lambda: LIST + b'"Eva;070-174 06 07\n', "quote"),
    "a quote that is never closed in a long list": (lambda: LIST + b'"Eva' + b";070-174 06 07\n" * 10_000, "quote"),
    "a NUL": (lambda: LIST + b"E\x00va;070-174 06 07\n", "no text"),
    "nothing but NULs": (lambda: bytes(LARGE_BYTES), ""),
    "one endless line": (lambda: b"Name;Phone;" + b"x" * LARGE_BYTES * 2, "longer than"),
    "a zip bomb": (bomb, "unpacked"),
    "a zip that is no workbook": (lambda: zip_of({"a.txt": b"hello"}), "workbook"),
    "two encodings": (lambda: LIST + "Åke;1\n".encode("cp1252"), "partly"),
    "no contact at all": (lambda: b"Name;Phone\n" + b"\n" * LARGE_BYTES, "no row"),
}  # fmt: skip


@pytest.mark.parametrize("what", HURTFUL)
async def test_what_is_made_to_hurt_is_told_and_leaves_nothing(quick_api: Api, what: str) -> None:
    make, reason = HURTFUL[what]

    answer = await assert_taken_whole_or_refused_with_a_reason(quick_api, make())

    assert answer.status == 422
    assert reason in answer.json["detail"]


async def test_a_very_long_file_name_does_no_harm(quick_api: Api) -> None:
    answer = await assert_taken_whole_or_refused_with_a_reason(quick_api, LIST, name="../" * 2_000 + "å" * 2_000)

    assert answer.status in (200, 400, 413, 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nName;Phone\r\nBo;070-1740605',
        b"--x\r\n\r\nName;Phone\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + b"a" * 100_000 + b'"\r\n\r\na\r\n--x--\r\n',
        b"--x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\nContent-Length: 99999999\r\n\r\n!!\r\n--x--\r\n',
    ],
)
@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "multipart/form-data", "multipart/mixed"])
async def test_a_broken_form_is_told(quick_api: Api, body: bytes, content_type: str) -> None:
    headers = {"Authorization": f"Bearer {API_TOKEN}", "Content-Type": content_type}

    answer = await quick_api.ask("POST", "/api/contacts/import", data=body, headers=headers)

    assert 400 <= answer.status < 500, answer.text
    assert json.loads(answer.text)["detail"]
    assert (await quick_api.get("/api/contacts")).json["total"] == 0


async def test_somebody_who_goes_away_in_the_middle_leaves_nothing(quick_api: Api) -> None:
    host, _, port = quick_api.url.removeprefix("http://").rpartition(":")
    head = f"POST /api/contacts/import HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {API_TOKEN}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + LIST

    await quick_api.send_raw(head.encode() + part, patience_seconds=1)

    assert (await quick_api.get("/api/contacts")).json["total"] == 0
    assert (await quick_api.import_file(LIST)).json["created"] == 2


async def test_a_list_that_breaks_off_on_its_way_to_that_process_is_not_taken_for_a_short_one(
    api: Api, runtime: Runtime
) -> None:
    """As when the process that sends it is killed."""
    order = ImportOrder(runtime.settings.database_url, len(LIST) + 1, "SE", False, runtime.clock())
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )

    said, _ = await process.communicate(order.to_line() + LIST)

    assert "broke off" in json.loads(said)["text"]
    assert (await api.get("/api/contacts")).json["total"] == 0


async def test_a_long_list_is_read_beside_and_told_as_a_short_one(api: Api) -> None:
    """On both databases; the process that reads it opens the database by itself."""
    rows = [f"Person {n};070{n:07};Natt" for n in range(1_000_000, 1_006_000)]
    rows[17] = "Person 17;07O-17;Natt"
    content = ("Namn;Mobil;Grupp\n" + "\n".join(rows)).encode()
    assert len(content) > LARGE_BYTES

    dry = await api.import_file(content, "?dry_run=true")
    first = await api.import_file(content)
    again = await api.import_file(content)

    assert (dry.json["created"], first.json["created"], again.json["unchanged"]) == (5_999, 5_999, 5_999)
    bad = {"line": 19, "column": "Mobil", "value": "07O-17"}
    assert [{key: error[key] for key in bad} for error in first.json["errors"]] == [bad]
    assert first.json["errors"] == again.json["errors"] == dry.json["errors"]
    assert (await api.get("/api/groups")).json["items"][0]["size"] == 5_999
