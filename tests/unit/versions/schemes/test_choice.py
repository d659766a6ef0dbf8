"""The setting that chooses a scheme: what is allowed, and what is said of the rest."""

from __future__ import annotations

import pytest

from ecr_push.versions.schemes.choice import parse_scheme

ALLOWED = [
    *("semver", "two-part", "pep440", "YYYY.0M.0D", "YYYY.MM.MICRO", "YY.0M", "YY.MINOR.MICRO", "YYYY-0M-0D"),
    *("0Y.0W", "YYYY.WW.MICRO", "MAJOR.YYYY.MM", "YYYY.MICRO", "YYYY.0M.0D-MICRO", "YYYY.MINOR", "YY.MM.DD"),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_a_scheme_is_named_as_it_was_chosen(text: str) -> None:
    assert parse_scheme(text).name == text


MISTAKES = [
    ("semvr", "not a valid version scheme", "semver"),
    ("SemVer", "not a valid version scheme", "semver"),
    ("two_part", "not a valid version scheme", "two-part"),
    ("PEP 440", "not a valid version scheme", "pep440"),
    ("calver", "calendar patterns such as YYYY.0M.MICRO", ""),
    ("", "not a valid version scheme", ""),
    ("yyyy.mm.dd", "'yyyy', 'mm', 'dd' is none of YYYY", "YYYY.MM.DD"),
    ("YYYY.M.D", "'M', 'D' is none of", "YYYY.MM.DD"),
    ("YYYY.0M.PATCH", "'PATCH' is none of", "YYYY.0M.MICRO"),
    ("YYYY0M0D", "not a valid version scheme", "YYYY.0M.0D"),
    ("YYYY.0M0D", "'0M0D' is none of", "YYYY.0M.0D"),
    ("YYYY.0X", "'0X' is none of", ""),
    ("YYYY..MM", "'' is none of", ""),
    ("YYYY.MM.", "'' is none of", ""),
    ("MAJOR.MINOR.PATCH", "'PATCH' is none of", "semver"),
    ("MAJOR.MINOR.MICRO", "no year", "semver"),
    ("MAJOR.MINOR", "no year", "two-part"),
    ("MM.DD", "no year", ""),
    ("YYYY", "one version a year", ""),
    ("YYYY.YY.MM", "two terms for the year", ""),
    ("YYYY.MM.0M", "two terms for the month", ""),
    ("YYYY.WW.DD", "a week goes with a year", ""),
    ("YYYY.DD", "a day goes with a month", ""),
    ("DD.MM.YYYY", "count from left to right", ""),
    ("YYYY.MICRO.MINOR", "count from left to right", ""),
]


@pytest.mark.parametrize(("text", "why", "meant"), MISTAKES)
def test_a_mistake_says_what_and_what_was_meant(text: str, why: str, meant: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_scheme(text)
    message = str(caught.value)
    assert message.startswith(f"{text!r} is not a valid ")
    assert why in message
    assert message.partition("did you mean ")[2] == (f"{meant!r}?" if meant else "")
    if meant:
        assert parse_scheme(meant)
