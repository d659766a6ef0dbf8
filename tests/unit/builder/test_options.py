from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("build_args", ["A=1", "B=x=y", "C="], ("A=1", "B=x=y", "C=")),
        ("platforms", ["linux/amd64", "linux/arm/v7"], ("linux/amd64", "linux/arm/v7")),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("build_args", ["FOO"], "'FOO': expected NAME=VALUE"),
        ("build_args", ["1=x"], "'1': expected NAME=VALUE"),
        ("platforms", ["linux"], "'linux' is not a valid platform: expected OS/ARCH, such as linux/amd64"),
    ],
)  # fmt: skip
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)


def test_a_build_argument_that_may_be_a_secret_is_not_repeated() -> None:
    assert "hunter2" not in problems_of("build_args", ["to ken=hunter2"])
