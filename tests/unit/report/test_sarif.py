from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Treatment, Verdict
from ecr_push.report import sarif
from ecr_push.scan.findings import Finding
from tests.support.hostile import HOSTILE, hostile
from tests.support.outcomes import (
    ACCEPTED,
    AMD,
    ARM,
    CERTIFI,
    OPENSSL,
    OUTCOMES,
    PLATFORMS,
    REFUSED,
    judged,
    many,
    outcome,
    scan,
    with_facts,
)

SCHEMA = Draft4Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)


def run(found: Outcome) -> dict[str, Any]:
    log = json.loads(sarif.render(found))
    SCHEMA.validate(log)
    assert len(log["runs"]) == 1
    made: dict[str, Any] = log["runs"][0]
    return made


def results(found: Outcome) -> dict[str, dict[str, Any]]:
    return {one["ruleId"]: one for one in run(found)["results"]}


# Where nothing was judged there is no log; see below.
JUDGED = [name for name, one in OUTCOMES.items() if one.verdict and not (one.scan and one.scan.unscannable)]


@pytest.mark.parametrize("ending", JUDGED)
def test_every_log_is_valid_and_its_results_name_their_rules(ending: str) -> None:
    made = run(OUTCOMES[ending])
    rules = made["tool"]["driver"]["rules"]
    for one in made["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["locations"], "GitHub refuses a result without one"
    assert len({one["id"] for one in rules}) == len(rules)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_leaves_it_valid(kind: str) -> None:
    run(hostile(HOSTILE[kind]))


def test_only_accepted_findings_are_suppressed() -> None:
    found = results(REFUSED)
    assert found["CVE-2021-44228"]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "exception of team platform until 2026-01-12: not reachable",
        }
    ]
    assert not [one for name, one in found.items() if name != "CVE-2021-44228" and "suppressions" in one]


def test_platforms_share_a_result_and_the_stricter_judgement_holds() -> None:
    found = results(PLATFORMS)
    assert found["CVE-2023-37920"]["properties"]["platforms"] == [AMD, ARM]
    # Excepted on one, not affected on the other: an exception is the lesser claim.
    assert found["CVE-2021-44228"]["properties"]["treatment"] == "excepted"
    mixed = outcome(
        Verdict(
            False,
            (),
            judged=(
                judged(CERTIFI, Treatment.EXCEPTED, "an exception", AMD),
                judged(CERTIFI, Treatment.REFUSES, platform=ARM),
            ),
        ),
        scan(CERTIFI, platform=AMD),
        scan(CERTIFI, platform=ARM),
    )
    [one] = run(mixed)["results"]
    assert "suppressions" not in one
    assert one["properties"]["treatment"] == "refuses"


def test_a_fingerprint_stays_while_the_vulnerability_does() -> None:
    """Over versions, platforms, severities and images; not over packages."""

    def mark(finding: Finding, platform: str = "") -> Any:
        verdict = Verdict(False, (), judged=(judged(finding, Treatment.REFUSES, platform=platform),))
        [one] = run(outcome(verdict, scan(finding)))["results"]
        return one["partialFingerprints"]

    assert mark(OPENSSL) == mark(replace(OPENSSL, version="3.0.8", severity=Severity.LOW), ARM)
    assert mark(OPENSSL) != mark(replace(OPENSSL, package="openssl-dev"))
    assert mark(OPENSSL)["primaryLocationLineHash"] != mark(CERTIFI)["primaryLocationLineHash"]


@pytest.mark.parametrize(
    ("severity", "score", "shown", "level"),
    [
        (Severity.CRITICAL, 9.8, "9.8", "error"),
        (Severity.CRITICAL, 7.0, "9.1", "error"),  # GitHub would make HIGH of it
        (Severity.HIGH, 9.8, "9.0", "error"),
        (Severity.HIGH, None, "9.0", "error"),
        (Severity.MEDIUM, 5.5, "5.5", "warning"),
        (Severity.LOW, 0.0, "3.9", "note"),
        (Severity.INFORMATIONAL, None, "3.9", "note"),
        (Severity.UNTRIAGED, None, None, "warning"),
        (Severity.UNTRIAGED, 6.1, "6.1", "warning"),
        (Severity.UNRECOGNISED, None, "10.0", "error"),
    ],
)
def test_github_says_the_severity_that_the_scan_says(
    severity: Severity, score: float | None, shown: str | None, level: str
) -> None:
    finding = replace(OPENSSL, severity=severity, score=score)
    made = run(outcome(Verdict(True, (), judged=(judged(finding, Treatment.BELOW),)), scan(finding)))
    [rule] = made["tool"]["driver"]["rules"]
    assert rule["properties"].get("security-severity") == shown
    assert made["results"][0]["level"] == level


def test_it_points_to_the_dockerfile_and_names_package_and_path() -> None:
    [location] = results(REFUSED)["CVE-2023-37920"]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "images/app/Dockerfile"
    assert location["logicalLocations"] == [
        {"name": "certifi", "fullyQualifiedName": "usr/lib/certifi:certifi", "kind": "package"}
    ]
    [elsewhere] = run(with_facts(ACCEPTED, dockerfile=""))["results"][0]["locations"]
    assert elsewhere["physicalLocation"]["artifactLocation"]["uri"] == "team/app"


@pytest.mark.parametrize("ending", [ending for ending in OUTCOMES if ending not in JUDGED])
def test_an_outcome_without_a_verdict_has_no_log(ending: str) -> None:
    """GitHub would take one without results for the end of every alert."""
    assert sarif.render(OUTCOMES[ending]) == ""


def test_both_kinds_of_ending_were_tried() -> None:
    assert {"accepted", "refused", "promotion failed"} <= set(JUDGED)
    assert {
        "no answer",
        "planned",
        "checked",
        "interrupted",
        "not scanned, and let through",
    } <= OUTCOMES.keys() - JUDGED


def test_the_judgement_is_reported_though_the_promotion_failed() -> None:
    made = run(OUTCOMES["promotion failed"])
    assert made["invocations"][0]["executionSuccessful"] is False
    assert len(made["results"]) == 1


def test_escapes_do_not_make_a_text_too_long() -> None:
    finding = replace(OPENSSL, title="[{" * 2000, description="[{" * 2000)
    made = run(outcome(Verdict(False, (), judged=(judged(finding, Treatment.REFUSES),)), scan(finding)))
    [rule] = made["tool"]["driver"]["rules"]
    assert len(rule["shortDescription"]["text"]) <= 200
    assert len(rule["fullDescription"]["text"]) <= 1000


def test_the_limits_of_github_are_kept() -> None:
    text = sarif.render(many(25_100, 1_000))
    [made] = json.loads(text)["runs"]
    assert len(made["results"]) == 25_000
    assert len(made["tool"]["driver"]["rules"]) <= 25_000
    assert len(gzip.compress(text.encode(), 1)) < 10_000_000
    assert made["results"][0]["properties"]["treatment"] == "refuses"
    assert "100 findings are omitted" in json.dumps(made["invocations"])
    for rule in made["tool"]["driver"]["rules"][:100]:
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
