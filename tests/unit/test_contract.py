"""The contract of the queues: what programs read of it is what GDial does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gdial.errors import InvalidInput
from gdial.queue.contract import EXAMPLES, asyncapi, asyncapi_page, job_schema, schema_pages
from gdial.queue.jobs import QUEUES, CallJob, Job, read_job

ROOT = Path(__file__).parents[2]
SCHEMAS = "docs/reference/schemas"


def references(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for name, value in node.items():
                yield from [value] if name == "$ref" else references(value)
        case list():
            for value in node:
                yield from references(value)


def resolve(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def test_the_files_are_those_of_the_code() -> None:
    assert (ROOT / "docs/reference/asyncapi.json").read_text("utf-8") == asyncapi_page(), "run: make docs"
    written = {path: (ROOT / path).read_text("utf-8") for path in schema_pages(SCHEMAS)}
    assert written == {path: page() for path, page in schema_pages(SCHEMAS).items()}, "run: make docs"
    assert len(set(written.values())) == 3


def test_the_document_names_every_queue_and_refers_to_nothing_that_is_not_there() -> None:
    document = asyncapi()
    assert {channel["address"] for channel in document["channels"].values()} == set(QUEUES)
    found = list(references(document))
    assert len(found) > 15
    for reference in found:
        assert resolve(document, reference)


@pytest.mark.parametrize("job", list(EXAMPLES), ids=lambda job: job.__name__)
def test_every_example_is_a_job_by_schema_and_by_code(job: type[Job]) -> None:
    assert read_job(job, json.dumps(EXAMPLES[job]).encode())
    assert jsonschema_rs.is_valid(job_schema(job), EXAMPLES[job])


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"contact": "x"}, "CallJob.contact: "),
        ({"version": 2}, "CallJob.version: "),
        ({"priority": 11}, "CallJob.priority: "),
        ({"custom_message_content": "x" * 5001}, "CallJob.custom_message_content: "),
    ],
)
def test_schema_and_code_refuse_the_same(wrong: dict[str, Any], where: str) -> None:
    assert not jsonschema_rs.is_valid(job_schema(CallJob), wrong)
    with pytest.raises(InvalidInput, match=where):
        read_job(CallJob, json.dumps(wrong).encode())
