"""Data as YAML: what is written is what is read, by PyYAML and by our own reader."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.yaml_text import write_yaml
from ecr_push.base.yaml_tree import Mapping, Node, read_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["1", "1.0", "0x1f", "2026-11-30", "12:30", "yes", "~", "null", "- a", "a: b", "a #b", "*", "&a", "| x"]
)
DATA = st.recursive(
    TEXTS | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(DATA)
def test_what_is_written_is_read(value: Any) -> None:
    assert yaml.safe_load(write_yaml(value)) == value


@given(st.dictionaries(TEXTS, TEXTS, min_size=1))
def test_our_own_reader_reads_the_same(value: dict[str, str]) -> None:
    root = read_yaml(write_yaml(value))
    assert isinstance(root, Node) and isinstance(root.value, Mapping)
    assert {one.name: one.node.value for one in root.value.entries} == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": {"b": ["c", "1.*"]}}, 'a:\n  b:\n    - c\n    - "1.*"\n'),
        (
            {"on": True, "key": "arn:aws:kms:eu-west-1:1:key/2"},
            '"on": true\nkey: arn:aws:kms:eu-west-1:1:key/2\n',
        ),
        ({"text": "{\n  b\n}"}, "text: |-\n  {\n    b\n  }\n"),
        ([{"a": "x", "b": 2}, [1]], "- a: x\n  b: 2\n- - 1\n"),
        ({"a": {}, "b": [], "c": ""}, 'a: {}\nb: []\nc: ""\n'),
    ],
)
def test_how_it_looks(value: Any, text: str) -> None:
    assert write_yaml(value) == text
