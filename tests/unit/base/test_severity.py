from __future__ import annotations

import re

import pytest

from ecr_push.base.severity import Severity, parse_limits, parse_severity, parse_threshold


def test_severities_are_an_order() -> None:
    names = [severity.name for severity in sorted(Severity, reverse=True)]
    assert names == [
        "UNRECOGNISED", "CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED",
    ]  # fmt: skip


def test_a_new_word_of_aws_ranks_above_all() -> None:
    assert Severity.read("CATASTROPHIC") > Severity.CRITICAL


@pytest.mark.parametrize("word", ["catastrophic", "", "unrecognised", "high,low"])
def test_only_known_severities_are_accepted(word: str) -> None:
    with pytest.raises(ValueError, match="is not a severity"):
        parse_severity(word)


@pytest.mark.parametrize(
    ("text", "least"),
    [("HIGH,CRITICAL", "high"), ("critical high", "high"), ("low, medium,critical", "low")],
)
def test_of_several_severities_the_least_one_means_them_all(text: str, least: str) -> None:
    message = f"{text!r}: give one severity; it refuses the worse ones too: --fail-on {least}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_threshold(text)


def test_one_severity_is_a_threshold() -> None:
    assert parse_threshold(" High ") is Severity.HIGH
    with pytest.raises(ValueError, match="did you mean 'critical'"):
        parse_threshold("crit")


def test_limits() -> None:
    assert parse_limits("critical=0, HIGH=5") == {Severity.CRITICAL: 0, Severity.HIGH: 5}


@pytest.mark.parametrize(
    "text", ["", "high", "high=-1", "high=x", "high=1,high=2", "=1", "high=1;low=2", "high=²"]
)
def test_limits_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_limits(text)
