from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from ecr_push.base.errors import ScanError
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report import document
from ecr_push.report.document_schema import result_schema
from tests.support.fakes import REPOSITORY, digest
from tests.support.json_schemas import strict
from tests.support.outcomes import OUTCOMES, PLATFORMS, PYYAML, REFUSED, accepted_or_refused, failed

SCHEMA = result_schema()


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_document_is_what_the_schema_says(ending: str) -> None:
    read = json.loads(document.render(OUTCOMES[ending]))
    Draft202012Validator(strict(SCHEMA)).validate(read)
    assert read == document.document(OUTCOMES[ending])


def test_the_schema_is_one_and_bears_with_keys_to_come() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    read = document.document(REFUSED)
    Draft202012Validator(SCHEMA).validate(read | {"laterKey": 1})
    for broken in (read | {"status": "fine"}, {name: read[name] for name in read if name != "verdict"}):
        assert not Draft202012Validator(SCHEMA).is_valid(broken)


def test_every_finding_says_what_decided_on_it() -> None:
    verdict = document.document(REFUSED)["verdict"]
    by_id = {one["id"]: one for one in verdict["judged"]}
    assert by_id["CVE-2026-0001"]["treatment"] == "refuses"
    assert by_id["CVE-2021-44228"] == {
        "platform": None,
        "id": "CVE-2021-44228",
        "severity": "CRITICAL",
        "package": "org.apache.logging.log4j:log4j-core",
        "version": "2.14.1",
        "treatment": "excepted",
        "by": "exception of team platform until 2026-01-12: not reachable",
    }
    assert [one["state"] for one in verdict["exceptions"]] == ["used", "unused", "expired", "used"]
    assert verdict["baseline"] == "latest (sha256:0123456789ab)"


def test_a_finding_carries_what_the_scan_reported() -> None:
    [platform] = document.document(REFUSED)["scan"]["platforms"]
    found = platform["findings"][0]
    assert (found["epss"], found["exploited"], found["fixable"], found["aliases"]) == (
        0.42,
        True,
        True,
        ["GHSA-aaaa-bbbb-cccc"],
    )
    assert found["packages"][0]["manager"] == "OS"
    silent = next(one for one in platform["findings"] if one["id"] == "CVE-2026-0004")
    assert (silent["exploited"], silent["fixable"], silent["score"]) == (None, None, None)


def test_a_finding_is_one_line() -> None:
    """So that grep, diff and a person find one."""
    lines = [line for line in document.render(PLATFORMS).splitlines() if '"treatment": "' in line]
    assert len(lines) == 5
    assert all(json.loads(line.strip().rstrip(",")) for line in lines)


def test_the_document_has_the_same_keys_on_every_path() -> None:
    keys = [
        set(document.document(one))
        for one in (
            accepted_or_refused(),
            accepted_or_refused(PYYAML),
            Outcome(),
            failed(ScanError("x"), "scan"),
        )
    ]
    assert all(one == keys[0] for one in keys)


def test_the_document_of_an_accepted_image() -> None:
    written = json.loads(document.render(accepted_or_refused()))
    assert written["documentVersion"] == 1
    assert written["image"]["reference"] == f"{REPOSITORY}@{digest('image')}"
    assert written["version"] == "1.4.2"
    assert {one["result"] for one in written["tags"]} == {"moved"}
    assert written["candidate"] is None
    assert written["verdict"]["accepted"] is True


def test_the_document_of_a_refused_image() -> None:
    written = json.loads(document.render(accepted_or_refused(PYYAML)))
    assert [one["id"] for one in written["verdict"]["deciding"]] == ["CVE-2020-14343"]
    assert {one["result"] for one in written["tags"]} == {"pending"}
    assert written["candidate"].startswith("candidate-")
    counts = written["scan"]["platforms"][0]["counts"]
    assert (counts["CRITICAL"], counts["HIGH"], counts["UNTRIAGED"]) == (1, 0, 0)
