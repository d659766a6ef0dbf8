"""Wildcards and patterns that end in time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.sandbox import wildcard
from ecr_push.sandbox.constraints import _LINEAR, _compiled
from ecr_push.sandbox.protocol import service_model


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_matches_as_its_regular_expression_does(pattern: str, text: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
    assert wildcard.matches(pattern, text) == expected


def test_many_wildcards_take_no_time() -> None:
    """A regular expression would not end within the life of the universe."""
    assert not wildcard.matches("*a" * 100 + "b", "a" * 200)


@pytest.mark.parametrize("pattern", list(_LINEAR))
@given(text=st.text("aA0*._/-\n", max_size=10))
def test_a_pattern_of_the_model_that_takes_no_time_matches_the_same(pattern: str, text: str) -> None:
    assert bool(re.fullmatch(pattern, text)) == bool(re.fullmatch(_LINEAR[pattern], text))
    compiled = _compiled(pattern)
    assert compiled and not compiled.fullmatch("a" * 250 + "!")


def test_the_models_pattern_is_still_the_one_that_was_replaced() -> None:
    shape = service_model("ecr").shape_for("ScanningRepositoryFilterValue")
    assert shape.metadata["pattern"] in _LINEAR
