"""Whatever a text is, its door gives values of bounded depth, or a ValueError in words."""

from __future__ import annotations

import pytest

from ecr_push.base.parse import DEEPEST, read_json, read_toml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        (b"\xef\xbb\xbf{}", {}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),  # as PowerShell saves what the AWS CLI prints
        ("[" * DEEPEST + "]" * DEEPEST, None),
    ],
)
def test_json(text: str | bytes, expected: object) -> None:
    found = read_json(text)
    assert expected is None or found == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        (b"\xff\xfe\xfd", "codec can't decode"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested too deeply"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "nested too deeply"),
        ('{"findings": [1], "findings": []}', "'findings' is there twice"),
        ("NaN", "NaN is not a number"),
        ("[-Infinity]", "-Infinity is not a number"),
        ("1e999", "1e999 is too large"),
        ("1" * 5000, "4300"),
    ],
)
def test_json_that_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_json(text)


def test_toml() -> None:
    assert read_toml("[a]\nb = [1]\n") == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = ", "Invalid value"),
        ("a = " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested too deeply"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a" + ".a" * 200 + " = 1", "a hundred parts"),
    ],
)
def test_toml_that_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_toml(text)
