from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ecr_push.report.escape import (
    code,
    fenced,
    json_text,
    link,
    log_line,
    one_line,
    prose,
    web_address,
    xml,
    xml_attribute,
)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Everything, with what means something somewhere more often than chance would have it.
TEXTS = st.lists(
    st.sampled_from([*"\\`*_[]<>&|~#@:$!-+.(){}=\"'\n\t\u202e a", "##[", "::", "www.", "//", "]]>", "&lt;"])
    | st.characters(),
    max_size=30,
).map("".join)  # fmt: skip


def shown(markdown: str) -> str:
    """What a reader sees of the one paragraph or cell."""
    [inline] = [token for token in MARKDOWN.parse(markdown) if token.type == "inline"]
    children = inline.children or []
    assert {one.type for one in children} <= {"text", "text_special", "code_inline", "html_inline"}
    assert {one.content for one in children if one.type == "html_inline"} <= {
        "<span>", "</span>", "<code>", "</code>",
    }  # fmt: skip
    return "".join(one.content for one in children if one.type != "html_inline")


@given(TEXTS)
def test_prose_is_read_as_it_was_written(text: str) -> None:
    wanted = one_line(text)
    assert shown(f"x{prose(text)}x").replace("\u200b", "") == f"x{wanted}x"
    [cell] = cells(f"x{prose(text)}x")
    assert cell.replace("\u200b", "") == f"x{wanted}x"


@given(TEXTS)
def test_code_is_read_as_it_was_written(text: str) -> None:
    wanted = one_line(text) or "-"
    assert shown(code(text)) == wanted
    assert cells(code(text)) == [wanted]


def cells(content: str) -> list[str]:
    """The cells of a table's only row, as read."""
    tokens = MARKDOWN.parse(f"| a |\n|---|\n| {content} |\n")
    inlines = [token for token in tokens if token.type == "inline"][1:]
    return [
        "".join(one.content for one in inline.children or [] if one.type != "html_inline")
        for inline in inlines
    ]


@given(st.lists(TEXTS, max_size=4).map("\n".join))
@example("```\n# x\n`````\n<b>\n")
def test_a_fence_holds_what_is_in_it(text: str) -> None:
    kinds = [token.type for token in MARKDOWN.parse(f"{fenced(text)}\n\nafter")]
    assert kinds == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(TEXTS)
def test_xml_is_read_as_it_was_written(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{xml_attribute(text)}">{xml(text)}</a>')
    assert root.attrib["b"] == one_line(text)
    assert len(root) == 0


@given(TEXTS, TEXTS)
def test_json_is_read_as_it_was_written_and_printable(name: str, value: str) -> None:
    content = {name: value, "list": [{name: value}, {}], "texts": [value], "none": []}
    text = json_text(content)
    assert json.loads(text) == content
    assert not [char for char in text if not char.isprintable() and char != "\n"]
    assert "##[" not in text


@given(TEXTS)
def test_no_line_of_a_log_is_a_command(text: str) -> None:
    for line in text.splitlines():
        shown = log_line(line)
        assert shown.isprintable()
        assert not shown.lstrip().startswith("::")
        assert "##[" not in shown


@given(TEXTS, st.integers(2, 50))
def test_a_line_is_cut_where_it_is_too_long(text: str, longest: int) -> None:
    assert len(one_line(text, longest).replace("# #[", "##[")) <= longest


def test_json_of_iterators_is_that_of_lists() -> None:
    lists = {"a": [{"b": [{"c": 1}, {"c": 2}]}], "d": [], "e": ["x"]}
    lazy = {"a": map(dict, lists["a"]), "d": iter(()), "e": ["x"]}
    assert json_text(lazy) == json_text(lists)
    assert json_text(lists, spread={"a"}).count("\n") > json_text(lists).count("\n")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://nvd.nist.gov/vuln/detail/CVE-2026-1", True),
        ("http://people.ubuntu.com/~ubuntu-security/cve/CVE-2026-1", True),
        ("https://example.com/a?b=c&d=%20#e", True),
        ("javascript:alert(1)", False),
        ("https://example.com/)[x](https://phish.example", False),
        ('https://example.com/"onclick="x', False),
        ("https://kim:secret@example.com/", False),
        ("//example.com", False),
        ("https://example.com/\n", False),
        ("", False),
    ],
)
def test_a_link_leads_to_plain_addresses_alone(address: str, good: bool) -> None:
    assert web_address(address) == (address if good else "")
    assert link("x", address) == (f"[x](<{address}>)" if good else "x")
