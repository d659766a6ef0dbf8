"""A regular expression that is compiled late is the one that `re` compiles."""

from __future__ import annotations

import re

import pytest

from ecr_push.base.regex import lazy_regex


def test_it_does_what_the_compiled_one_does() -> None:
    lazy, compiled = (make(r"(?P<name>[a-z]+)-(\d+)", re.I) for make in (lazy_regex, re.compile))
    for _ in range(2):
        found = lazy.fullmatch("App-1")
        assert found and found["name"] == "App"
        assert lazy.match("-") is None
        assert lazy.sub("x", "a-1 b-2") == compiled.sub("x", "a-1 b-2") == "x x"
    assert (lazy.pattern, lazy.flags, lazy.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    assert lazy_regex(b"a+").fullmatch(b"aa")


def test_it_is_compiled_once_and_not_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = re.compile

    def noted(pattern: str, flags: int = 0) -> re.Pattern[str]:
        made.append(pattern)
        return real(pattern, flags)

    monkeypatch.setattr(re, "compile", noted)
    lazy = lazy_regex("a+")
    assert made == []
    assert all(lazy.fullmatch("aa") for _ in range(3))
    assert made == ["a+"]


def test_a_mistake_in_it_is_the_one_of_re() -> None:
    with pytest.raises(re.error, match="unterminated"):
        lazy_regex("(").match("")
