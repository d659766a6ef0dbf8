from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest

from ecr_push.base.option import Duration, OptionHelp, Parsed
from ecr_push.settings.declare import option_types, options
from ecr_push.settings.values import read_value, split


class SeveralError(ValueError):
    problems = ("one", "two")


def refuse(text: str) -> str:
    raise SeveralError


Word = Literal["text", "json"]
NO_DURATION = "'soon' is not a valid duration: expected a number and s, m, h or d, such as 90s or 15m"
VALUES = [
    # type, value -> value read
    (str, "", ""),
    (str, "1.10", "1.10"),
    (Word, "json", "json"),
    (Duration, "90", 90.0),
    (Duration, 90, 90.0),
    (Duration | None, "2m", 120.0),
    (Duration | None, None, None),
    (Word | None, "text", "text"),
    (tuple[str, ...], [], ()),
    (tuple[str, ...], ("a", "b"), ("a", "b")),
    (tuple[Duration, ...], ["1s", "1m"], (1.0, 60.0)),
    *((bool, word, True) for word in ("1", "t", "true", "TRUE", "y", "yes", "Yes", "on", True)),
    *((bool, word, False) for word in ("0", "f", "false", "n", "no", "NO", "off", False)),
]
MISTAKES = [
    # type, value -> what is wrong
    (str, ["a"], ["expected a text, not a list"]),
    (str, {}, ["expected a text, not a map"]),
    (str, None, ["expected a text"]),
    (bool, "perhaps", ["'perhaps' is neither true nor false"]),
    (bool, "", ["'' is neither true nor false"]),
    (bool, " yes", ["' yes' is neither true nor false"]),
    (bool, ["true"], ["expected a text, not a list"]),
    (Word, "jsn", ["'jsn' is not one of text, json; did you mean 'json'?"]),
    (Word, [], ["expected a text, not a list"]),
    (Word | None, "x", ["'x' is not one of text, json"]),
    (Duration, "soon", [NO_DURATION]),
    (Duration, ["90s"], ["expected a text, not a list"]),
    (tuple[str, ...], "a", ["expected a list of values"]),
    (tuple[str, ...], {"a": "b"}, ["expected a list of values"]),
    (tuple[Word, ...], ["text", "a", "b"], ["'a' is not one of text, json", "'b' is not one of text, json"]),
    (Annotated[str, Parsed(refuse)], "x", ["one", "two"]),
]  # fmt: skip


@pytest.mark.parametrize(("of", "value", "expected"), VALUES)
def test_a_value_is_read_by_its_type(of: Any, value: object, expected: object) -> None:
    assert read_value(of, value) == (expected, ()) or read_value(of, value) == (expected, [])


@pytest.mark.parametrize(("of", "value", "problems"), MISTAKES)
def test_everything_that_is_wrong_with_a_value_is_said(of: Any, value: object, problems: list[str]) -> None:
    assert list(read_value(of, value)[1]) == problems


@pytest.mark.parametrize("name", [one.name for one in options()])
def test_every_option_has_a_type_that_can_be_read(name: str) -> None:
    for value in ("", "text", "1", [], ["a"], {}):
        read_value(option_types()[name], value)


def test_a_type_that_no_option_has_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no option has a value of type"):
        read_value(int, "1")


@pytest.mark.parametrize(
    ("separator", "block", "value", "expected"),
    [
        ("", False, "a,b\nc", "a,b\nc"),
        (",", False, "a, b,,c", ["a", "b", "c"]),
        (",", False, "a,b\n# no\n\nc", ["a", "b", "c"]),
        (",", False, ("a,b", "c"), ["a", "b", "c"]),
        ("\n", False, "a,b\n c ", ["a,b", "c"]),
        ("\n", False, "#odd", ["#odd"]),
        ("\n", False, ("a\n# b", " "), ["a\n# b", ""]),
        (",", False, ("a,b", " "), [""]),
        (",", False, "", []),
        ("\n", True, ("a", "b"), "a\nb"),
        ("\n", True, "a\n# b\n", "a\n# b\n"),
    ],
)
def test_several_values_in_one_text(separator: str, block: bool, value: object, expected: object) -> None:
    about = OptionHelp("", frozenset(), separator=separator, block=block)
    assert split(about, value) == expected
