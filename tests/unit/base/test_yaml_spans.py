"""Where texts stand: cut out of the file, they are what was written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.yaml_spans import Items, Members, Position, Text, positions, read_documents
from ecr_push.base.yaml_tree import YamlError

SCALARS = st.text("ab :#'\"-\u00e9\u2028\n", max_size=8) | st.sampled_from(
    ["", "null", "1", "*", "&a", "a: b"]
)
TREES = st.recursive(
    SCALARS, lambda of: st.lists(of, max_size=3) | st.dictionaries(SCALARS, of, max_size=3), max_leaves=8
)


def plain(node: object) -> object:
    if isinstance(node, Items):
        return [plain(one) for one in node.nodes]
    if isinstance(node, Members):
        return {name.value: plain(one) for name, one in node.pairs}
    assert isinstance(node, Text)
    return node.value


@given(tree=TREES, flow=st.sampled_from([True, False, None]), style=st.sampled_from([None, "'", '"', "|"]))
def test_each_text_is_where_it_says(tree: object, flow: bool | None, style: str | None) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, default_style=style, allow_unicode=True)
    [document] = read_documents(text)
    assert plain(document) == yaml.load(text, Loader=yaml.BaseLoader)
    for node in (one.node for one in positions(document)):
        if isinstance(node, Text):
            cut = text[node.begin : node.end]
            assert node.style or yaml.load(cut, Loader=yaml.BaseLoader) in (node.value, None)
            if node.style in ("'", '"'):
                assert cut[0] == cut[-1] == node.style
                assert yaml.load(cut, Loader=yaml.BaseLoader) == node.value


def test_an_anchor_and_a_tag_are_not_part_of_the_text() -> None:
    text = "\ufeffa: &x !!str 'b'  # c\nd: *x\n"
    [document] = read_documents(text)
    first, second = (node for _, node in document.pairs)
    assert first is second
    assert text[first.begin : first.end] == "'b'"


def test_places_have_ways() -> None:
    [document] = read_documents('a: [{"b.c": d}]\n')
    assert [str(one) for one in positions(document)] == ["", "a", "a[0]", 'a[0]."b.c"']
    assert str(Position((), None)) == ""


def test_documents_that_are_empty_are_left_out() -> None:
    assert read_documents("") == []
    assert [plain(one) for one in read_documents("---\n---\na\n...\n---\nb\n")] == ["", "a", "b"]


@pytest.mark.parametrize(
    "text",
    ["[" * 200 + "]" * 200, "a: &a [*a]", "a: *b", "a: 'b", "\x00", "a:\n\t- b", "%YAML 9999999.1\n--- a"],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(YamlError):
        read_documents(text)


def test_aliases_that_stand_for_too_much() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    [document] = read_documents("\n".join(lines))
    with pytest.raises(YamlError, match="stand for too much"):
        list(positions(document))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_what_is_nested_too_deeply_is_refused_before_all_of_it_is_read(opening: str) -> None:
    with pytest.raises(YamlError, match="nested too deeply"):
        read_documents(f"a:\n  {opening * 200_000}")
