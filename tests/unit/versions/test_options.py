from __future__ import annotations

import pytest

from ecr_push.versions.options import Channel
from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("version_scheme", "two-part", "two-part"),
        ("channels", ["next=rc"], (Channel("next", "rc"),)),
        ("version_strategy", "file", "file"),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("version_scheme", "semvr", "did you mean 'semver'?"),
        ("version_scheme", "YYYY.QQ", "not a valid calendar pattern"),
        ("channels", ["next=rc", "bad"], "'bad' is not a valid channel: expected BRANCH=NAME"),
        ("channels", ["next=1"], "a channel's name needs a letter"),
        ("version_strategy", "conventionl", "did you mean 'conventional'?"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
