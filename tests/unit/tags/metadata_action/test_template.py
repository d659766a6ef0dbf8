"""The subset of Handlebars that rules are written in, beside what Handlebars 4.7 renders."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.template import EMPTY, TemplateError, literal, parse_template

FUNCTIONS = {
    "branch": lambda: "a&b='<x>`\"/",
    "tag": lambda: "v1",
    "date": lambda pattern, tz="UTC": f"{pattern}@{tz}",
}

# template, escaped as Handlebars does, and as we do
TABLE = [
    ("plain", "plain", "plain"),
    ("", "", ""),
    ("a {{branch}} b", "a a&amp;b&#x3D;&#x27;&lt;x&gt;&#x60;&quot;/ b", "a a&b='<x>`\"/ b"),
    ("{{{branch}}}", "a&b='<x>`\"/", "a&b='<x>`\"/"),
    ("{{& branch}}", "a&b='<x>`\"/", "a&b='<x>`\"/"),
    ("{{&branch}}", "a&b='<x>`\"/", "a&b='<x>`\"/"),
    ("{{~ tag ~}}", "v1", "v1"),
    ("x {{~tag}} y", "xv1 y", "xv1 y"),
    ("x {{tag~}} y", "x v1y", "x v1y"),
    ("x {{~tag~}} y", "xv1y", "xv1y"),
    ("x {{~{tag}~}} y", "xv1y", "xv1y"),
    ("{{  tag  }}", "v1", "v1"),
    ("a{{! c }}b", "ab", "ab"),
    ("a{{!-- }} --}}b", "ab", "ab"),
    ("a {{~! c ~}} b", "ab", "ab"),
    ("{{!}}x", "x", "x"),
    (r"\{{tag}}", "{{tag}}", "{{tag}}"),
    (r"a \{{tag}} {{tag}}", "a {{tag}} v1", "a {{tag}} v1"),
    (r"\\{{tag}}", r"\v1", r"\v1"),
    (r"\\\{{tag}} {{tag}}", r"\\v1 v1", r"\\v1 v1"),
    (r"\{{tag}} \{{tag}}", "{{tag}} {{tag}}", "{{tag}} {{tag}}"),
    ("{{date 'x'}}", "x@UTC", "x@UTC"),
    ('{{date "x"}}', "x@UTC", "x@UTC"),
    ("{{date 'x' tz='y'}}", "x@y", "x@y"),
    ("{{date 'x'tz='y'}}", "x@y", "x@y"),
    ("{{date 'x' tz = \"y\"}}", "x@y", "x@y"),
    (r"{{date 'it\'s'}}", "it&#x27;s@UTC", "it's@UTC"),
    ('{{{date "a\'b"}}}', "a'b@UTC", "a'b@UTC"),
    ("}}", "}}", "}}"),
    ("{ {tag} }", "{ {tag} }", "{ {tag} }"),
    ("{{tag}}{", "v1{", "v1{"),
    ("{{tag}}{{tag}}", "v1v1", "v1v1"),
    ("{{{tag}}}{{tag}}", "v1v1", "v1v1"),
    (r"\{{", "{{", "{{"),
    (r"a\b{{tag}}", r"a\bv1", r"a\bv1"),
]


@pytest.mark.parametrize(("text", "escaped", "plain"), TABLE)
def test_render(text: str, escaped: str, plain: str) -> None:
    template = parse_template(text)
    assert template.render(FUNCTIONS, escape=True) == escaped
    assert template.render(FUNCTIONS) == plain


MISTAKES = [
    ("{{branch", "{{branch: it is not closed by }}"),
    ("a {{{branch}} b", "{{{branch}}: it is not closed by }}}"),
    ("{{branch}}}", "it is not an expression"),
    ("{{}}", "the name is missing"),
    ("{{'branch'}}", "the name is missing"),
    ("{{! never", "the comment is not closed by }}"),
    ("{{!-- never }}", "the comment is not closed by --}}"),
    ("{{#if branch}}x{{/if}}", "a block is not supported"),
    ("{{/if}}", "the end of a block"),
    ("{{^}}", "an inverse block"),
    ("{{> part}}", "a partial"),
    ("{{*thing}}", "a decorator"),
    ("{{{{raw}}}}", "a raw block"),
    ("{{~#if branch}}", "a block"),
    ("{{date (tag)}}", "it is not an expression"),
    ("{{[branch]}}", "it is not an expression"),
    ("{{@root}}", "it is not an expression"),
    ("{{date 'x}}", "it is not an expression"),
    ("{{date 'x' tz=UTC}}", "the value of tz= must be in quotes"),
    ("{{date 'x' tz='a' tz='b'}}", "tz= is given twice"),
    ("{{date tz='a' 'x'}}", "'x' must come before tz="),
    ("v${{ github.ref_name }}", "${{ … }} is expanded only in a GitHub workflow file"),
]


@pytest.mark.parametrize(("text", "why"), MISTAKES)
def test_the_rest_of_handlebars_is_a_mistake(text: str, why: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(why)):
        parse_template(text)


LONE = [
    ("{{raw}}", "raw"),
    ("{{ raw }}", "raw"),
    ("{{{raw}}}", "raw"),
    ("{{~raw~}}", "raw"),
    ("v{{raw}}", ""),
    ("{{raw}}{{! c }}", ""),
    ("{{! c }}{{raw}}", ""),
    ("{{raw}}{{raw}}", ""),
    ("raw", ""),
    ("{{! c }}", ""),
]


@pytest.mark.parametrize(("text", "lone"), LONE)
def test_a_lone_expression_is_known(text: str, lone: str) -> None:
    assert parse_template(text).lone == lone


def test_what_is_constant_is_known() -> None:
    assert parse_template("a{{! c }}b").constant == "ab"
    assert parse_template("").constant == ""
    assert parse_template("a{{tag}}").constant is None


def test_a_word_without_quotes_is_undefined() -> None:
    (expression,) = parse_template("{{date YYYY-MM-DD tz='UTC'}}").expressions
    assert (expression.arguments, expression.options) == ((None,), (("tz", "UTC"),))


def test_what_functions_give_is_not_read_again() -> None:
    assert parse_template("{{tag}}").render({"tag": lambda: "{{branch}}"}) == "{{branch}}"


@given(st.text())
def test_a_literal_renders_to_itself(text: str) -> None:
    assert literal(text).render({}, escape=True) == text
    assert literal("") is EMPTY
    if "{{" not in text:
        assert parse_template(text).constant == text


@given(st.text(alphabet="{}~!-#&'\"\\ abt=tag", max_size=30))
def test_any_text_is_a_template_or_a_clear_mistake(text: str) -> None:
    try:
        template = parse_template(text)
    except TemplateError as error:
        assert str(error)
    else:
        assert template.text == text
