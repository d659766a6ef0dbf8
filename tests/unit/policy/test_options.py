from __future__ import annotations

import pytest

from ecr_push.base.severity import NoThreshold, Severity
from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("fail_on", "Medium", Severity.MEDIUM),
        ("fail_on", "None", NoThreshold.NONE),
        ("observe", "true", True),
        ("observe", "off", False),
        ("max_findings", "critical=0,high=5", {Severity.CRITICAL: 0, Severity.HIGH: 5}),
        ("baseline", "none", "none"),
        ("baseline", "latest", "latest"),
        ("unscannable", "warn", "warn"),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("fail_on", "hihg", "'hihg' is not a severity"),
        ("observe", "maybe", "'maybe' is neither true nor false"),
        ("max_findings", "high=x,crit=0", "did you mean 'critical'?"),
        ("max_findings", "high:5", "'high:5': expected SEVERITY=NUMBER, such as high=5"),
        ("baseline", "a b", "'a b' is"),
        ("base_image", "debian:12", "is not a valid base image: expected REPOSITORY@sha256:…"),
        ("unscannable", "ignore", "is not one of refuse, warn"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
