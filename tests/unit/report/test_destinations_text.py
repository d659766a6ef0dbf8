from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from ecr_push.base.reference import Tag
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.report import document, html, junit, markdown, text
from ecr_push.report.destinations_text import planned, state
from tests.support.fakes import digest
from tests.support.outcomes import DESTINATIONS, FAR, OUTCOMES

FAILED, RELEASED = OUTCOMES["a destination failed"], OUTCOMES["released elsewhere too"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        *zip(
            DESTINATIONS,
            (
                "released: 1.4.2, 1.4; latest stays: 1.5.0 is higher",
                "failed in phase copy: PUT was answered with HTTP 403 (not required)",
                "failed in phase registry: there is no repository",
                "has the image; not all of its tags were moved",
                "got nothing, and none of its tags moved",
            ),
            strict=True,
        )
    ],
)
def test_what_became_of_one(one: DestinationResult, words: str) -> None:
    assert state(one) == words


def test_what_a_run_would_do_with_one() -> None:
    now = DestinationResult(FAR, required=False, before={Tag("latest"): digest("other")})
    assert planned(now) == f"{FAR}, not required (latest now {digest('other').short})"
    assert planned(DestinationResult(FAR, exists=False)) == f"{FAR}, to be created"


@pytest.mark.parametrize("render", [text.render, markdown.render, html.render, document.render, junit.render])
def test_each_stands_in_every_report(render: object) -> None:
    assert callable(render)
    report = render(FAILED)
    for one in DESTINATIONS:
        assert one.name in report


def test_the_result_document_has_each_with_its_tags_and_its_error() -> None:
    first, second, third, *_ = json.loads(document.render(FAILED))["destinations"]
    assert {one["tag"]: (one["result"], one["reason"]) for one in first["tags"]} == {
        "sha-0123456789ab": ("pending", None),
        "1.4.2": ("moved", None),
        "1.4": ("already", None),
        "1": ("pending", None),
        "latest": ("kept", "1.5.0 is higher"),
    }
    assert (first["reference"], first["created"], first["failure"]) == (DESTINATIONS[0].reference, True, None)
    assert (second["required"], second["failure"]["why"]) == (False, "DENIED")
    assert third["failure"]["remedy"] == "create it"


def test_a_required_one_that_failed_is_an_error_of_the_build_server() -> None:
    def endings(report: str) -> dict[str, list[str]]:
        cases = ElementTree.fromstring(report).iter("testcase")
        return {case.get("name", ""): [one.tag for one in case] for case in cases}

    found = endings(junit.render(FAILED))
    assert found[DESTINATIONS[2].name] == ["error"]
    assert (found[FAR], found["public.ecr.aws/acme/app"]) == ([], ["skipped"])
    assert found["team/fifth"] == ["skipped"]


def test_tags_may_have_moved_elsewhere() -> None:
    assert FAILED.may_have_moved
    assert RELEASED.exit_code == 0
