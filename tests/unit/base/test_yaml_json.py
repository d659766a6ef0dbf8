from __future__ import annotations

import json

import pytest

from ecr_push.base.shape import OddValueError
from ecr_push.base.yaml_json import MOST, as_json, from_json
from ecr_push.base.yaml_tree import Entry, Mapping, read_yaml


def entries_of(text: str) -> tuple[Entry, ...]:
    root = read_yaml(text)
    assert root is not None and isinstance(root.value, Mapping)
    return root.value.entries


def test_a_tree_comes_back_as_it_was() -> None:
    text = 'a: 010\n\nb: [x, "", {c: ~}]\n"": &d {e: "é\\ud800\\x07", e: 2}\nf: *d\ng:\n'
    entries = entries_of(text)
    assert from_json(json.loads(json.dumps(as_json(entries)))) == entries


def test_what_aliases_multiply_is_not_written() -> None:
    lines = [f"l0: &l0 {'x' * 1000}"]
    lines += [f"l{one}: &l{one} [{', '.join([f'*l{one - 1}'] * 10)}]" for one in range(1, 4)]
    assert as_json(entries_of("\n".join(lines[:3]))) is not None
    assert as_json(entries_of("\n".join(lines))) is None, "each alias is a text as long as what it names"
    assert as_json(entries_of(f"a: {'x' * MOST}")) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "expected a list"),
        ([1], r"\[0\] is 1, expected an object"),
        ([{"name": "a", "line": -1, "node": {}}], r"\[0\]\.line is -1"),
        ([{"name": "a", "line": 1, "node": "b"}], r"\[0\]\.node is 'b', expected an object"),
        ([{"name": "a", "line": 1, "node": {"line": 1, "items": {}}}], r"node\.items is .*expected a list"),
        ([{"name": "a", "line": 1, "node": {"line": 1, "entries": [0]}}], r"node\.entries\[0\] is 0"),
    ],
)
def test_anything_else_is_refused(value: object, words: str) -> None:
    with pytest.raises(OddValueError, match=words):
        from_json(value)
