from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import ScanError
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError
from ecr_push.scan.others.sarif import read_sarif
from tests.support.other_scanners import CONFIG, IMAGE, sarif

ID = "CVE-2026-1"


def rule(score: str = "", **more: Any) -> dict[str, Any]:
    return {"id": ID, "properties": {"security-severity": score} if score else {}, **more}


@pytest.mark.parametrize(
    ("result", "of", "severity"),
    [
        ({"level": "error"}, rule(), Severity.HIGH),
        ({"level": "note"}, rule("9.8"), Severity.CRITICAL),
        ({"level": "error"}, rule("5.0"), Severity.HIGH),
        ({}, rule("1.0"), Severity.LOW),
        ({}, rule(), Severity.MEDIUM),
        ({}, rule(defaultConfiguration={"level": "error"}), Severity.HIGH),
        ({"level": "none"}, rule(), Severity.INFORMATIONAL),
        ({"level": "fatal"}, rule(), Severity.UNRECOGNISED),
        ({"properties": {"security-severity": 7}}, rule("1.0"), Severity.HIGH),
        ({}, rule("0.0"), Severity.MEDIUM),
    ],
)
def test_the_worse_of_score_and_level(result: dict[str, Any], of: dict[str, Any], severity: Severity) -> None:
    (found,) = read_sarif(sarif({"ruleId": ID, **result}, rules=(of,))).findings
    assert (found.id, found.severity) == (ID, severity)


@pytest.mark.parametrize(
    ("result", "of", "id_", "package"),
    [
        ({"message": {"text": "Package: openssl\nInstalled Version: 3"}}, rule(), ID, "openssl"),
        ({"ruleId": f"{ID}-a"}, {"id": f"{ID}-a", "help": {"text": "x\nPackage: a\n"}}, ID, "a"),
        ({"ruleId": "GHSA-abcd-1234-wxyz-requests"}, rule(), "GHSA-abcd-1234-wxyz", ""),
        ({}, rule(properties={"purls": ["pkg:maven/org.a/b@1"]}), ID, "org.a:b"),
        ({"locations": [{"logicalLocations": [{"name": "curl", "kind": "package"}]}]}, rule(), ID, "curl"),
        ({"ruleId": None, "ruleIndex": 0}, rule(), ID, ""),
        ({"ruleId": "java/xss"}, rule(), "java/xss", ""),
    ],
)  # fmt: skip
def test_names(result: dict[str, Any], of: dict[str, Any], id_: str, package: str) -> None:
    (found,) = read_sarif(sarif({"ruleId": ID, **result}, rules=(of,))).findings
    assert (found.id, found.package) == (id_, package)


@pytest.mark.parametrize(
    ("result", "count"),
    [
        ({"kind": "pass"}, 0),
        ({"kind": "open"}, 1),
        ({"baselineState": "absent"}, 0),
        ({"baselineState": "unchanged"}, 1),
        ({"suppressions": [{"kind": "external"}]}, 0),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, 1),
        ({"suppressions": []}, 1),
    ],
)
def test_what_is_a_finding(result: dict[str, Any], count: int) -> None:
    assert len(read_sarif(sarif({"ruleId": ID, **result})).findings) == count


def test_the_image_that_a_run_names() -> None:
    about = {"imageID": CONFIG, "repoDigests": [f"host/app@{IMAGE}"], "imageName": "host/app:1"}
    assert read_sarif(sarif(properties=about)).digests == {CONFIG, IMAGE}
    assert read_sarif(sarif()).digests == frozenset()


@pytest.mark.parametrize(
    "document", [{"version": "2.0.0", "runs": []}, {"runs": []}, {"version": "2.1.0", "runs": {}}]
)
def test_what_is_not_sarif_is_odd(document: dict[str, Any]) -> None:
    with pytest.raises(OddValueError):
        read_sarif(document)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"version": "2.1.0", "runs": []}, "the SARIF log has no run"),
        (sarif(results=None), "Scanner has computed no results"),
        (sarif(invocations=[{"executionSuccessful": False}]), "Scanner did not end well"),
    ],
)
def test_what_gives_no_answer(document: dict[str, Any], text: str) -> None:
    with pytest.raises(ScanError) as caught:
        read_sarif(document)
    assert caught.value.what == text
