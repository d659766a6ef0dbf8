from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from ecr_push.report.document import document
from ecr_push.report.images import (
    ImageResult,
    overall_status,
    references,
    render_document,
    render_text,
    worst_code,
)
from ecr_push.report.images_schema import images_schema
from tests.support.json_schemas import strict
from tests.support.outcomes import OUTCOMES

SCHEMA = images_schema()
ACCEPTED = {"status": "accepted", "version": "1.4.2", "image": {"reference": "h/team/api@sha256:1"}}
RESULTS = [
    ImageResult("base", "unchanged", 0, "team/base:sha-1 has it", "sha-1"),
    ImageResult("api", "accepted", 0, "services/api/f changed", seconds=4.2, result=ACCEPTED),
    ImageResult(
        "web", "refused", 10, "web/f changed", result={"image": {"reference": "h/team/web@sha256:2"}}
    ),
    ImageResult("job", "skipped", 0, "web, which it needs, did not end well"),
]


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 10], 10),
        ([10, 3, 5], 3),
        ([11, 10], 10),
        ([4, 1, 2], 1),
        ([3, 143, 130], 130),
    ],
)
def test_the_exit_code_of_several(codes: list[int], worst: int) -> None:
    assert worst_code(codes) == worst


@pytest.mark.parametrize(
    ("results", "code", "status"),
    [
        (RESULTS, 10, "refused"),
        (RESULTS[:2], 0, "accepted"),
        (RESULTS[:1], 0, "unchanged"),
        (RESULTS[:1], 130, "interrupted"),
        ([], 0, "unchanged"),
    ],
)
def test_the_status_is_that_of_the_image_that_decided(
    results: list[ImageResult], code: int, status: str
) -> None:
    assert overall_status(results, code) == status


def test_only_what_was_released_has_a_reference() -> None:
    assert references(RESULTS) == {"api": "h/team/api@sha256:1"}


def test_the_document_has_each_ones_own() -> None:
    document = json.loads(render_document(RESULTS, 10))
    assert (document["status"], document["exitCode"]) == ("refused", 10)
    base, api, web, job = document["images"]
    assert base["tag"] == "sha-1" and base["result"] is None and base["image"] is None
    assert api["result"] == ACCEPTED and api["image"] == "h/team/api@sha256:1"
    assert web["exitCode"] == 10 and web["image"] is None and web["result"]["image"]
    assert job["status"] == "skipped"


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_document_is_what_the_schema_says(ending: str) -> None:
    own = document(OUTCOMES[ending])
    ran = ImageResult("one", own["status"], own["exitCode"], "it is named", seconds=1.25, result=own)
    for results in ([ran], [ran, RESULTS[0], RESULTS[3]], [RESULTS[0]], []):
        read = json.loads(render_document(results, worst_code(one.exit_code for one in results)))
        Draft202012Validator(strict(SCHEMA)).validate(read)


@pytest.mark.parametrize("signal", [129, 130, 143])
def test_an_interruption_is_in_the_schema(signal: int) -> None:
    interrupted = ImageResult("one", "interrupted", signal, "it is named", seconds=1)
    read = json.loads(render_document([interrupted, RESULTS[0], RESULTS[3]], signal))
    Draft202012Validator(strict(SCHEMA)).validate(read)


def test_the_schema_bears_with_keys_to_come_and_with_nothing_else() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    read = json.loads(render_document([RESULTS[0], RESULTS[3]], 0))
    one = read["images"][0]
    assert Draft202012Validator(SCHEMA).is_valid(read | {"later": 1, "images": [one | {"later": 1}]})
    for broken in (
        *({"status": "skipped"}, {"images": None}, {"images": [one | {"result": {"status": "accepted"}}]}),
        *({"images": [one | {"exitCode": -1}]}, {"images": [{key: one[key] for key in one if key != "tag"}]}),
    ):
        assert not Draft202012Validator(SCHEMA).is_valid(read | broken), broken


def test_the_table_has_those_that_ran_first_and_no_commands() -> None:
    odd = ImageResult("x", "failed", 3, "", result={"failure": {"what": "::error::\x1b[31m"}})
    lines = render_text([*RESULTS, odd]).splitlines()
    assert lines[0] == "api   accepted   1.4.2  h/team/api@sha256:1  4 s"
    assert lines[1] == "web   refused    exit code 10  0 s"
    assert lines[-1] == "base  unchanged  team/base:sha-1 has it"
    assert "\x1b" not in lines[3]
