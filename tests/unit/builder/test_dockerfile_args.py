from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.builder.dockerfile_args import declared_args, unused_args


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FROM scratch\n", ""),
        ("ARG BASE=scratch\nFROM $BASE\n", "BASE"),
        ("FROM scratch\nARG A B=1 C=\"x y\" D='z'\n", "A B C D"),
        ("FROM scratch\n  arg A\r\n\targ B=1\n", "A B"),
        ("FROM scratch\nARG A \\\n    B \\\n# a comment\n\n    C\nARG D\n", "A B C D"),
        ("# escape=`\nFROM scratch\nARG A `\n B\nRUN dir c:\\\nARG C\n", "A B C"),
        ("FROM scratch\nONBUILD ARG A\n", "A"),
        ("FROM scratch\n# ARG A\nRUN echo ARG B\nENV ARG=C\n", ""),
        ("FROM scratch\nRUN <<EOF\nARG A\nEOF\nARG B\n", "B"),
        ("FROM scratch\nRUN <<-EOF\n\tARG A\n\tEOF\nARG B\n", "B"),
        ("FROM scratch\nCOPY <<'one' <<\"two\" /x/\nARG A\none\nARG B\ntwo\nARG C\n", "C"),
        ("FROM scratch\nRUN cat 3<<EOF \\\n  && true\nARG A\nEOF\nARG B\n", "B"),
        ("FROM scratch\nRUN echo \"a <<EOF\"\nARG B\n", "B"),
        ("FROM scratch\nRUN echo $((1<<2)) a<<b\nARG B\n", "B"),
        ("FROM scratch\nLABEL x=<<EOF\nARG B\n", "B"),
        ("\ufeff# syntax=docker/dockerfile:1\n# check=skip=all\nFROM scratch\nARG A\n", "A"),
        ("# syntax = docker.io/docker/dockerfile:1.7@sha256:abc\nFROM scratch\nARG A\n", "A"),
    ],
)  # fmt: skip
def test_what_a_dockerfile_declares(text: str, names: str) -> None:
    assert declared_args(text) == frozenset(names.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ARG A\n",
        "# syntax=example.org/own/frontend\nFROM scratch\nARG A\n",
        "#!/usr/bin/env frontend\n# syntax=other/frontend\nFROM scratch\n",
        '{"frontend": true}',
    ],
)
def test_what_is_not_understood_says_nothing(text: str) -> None:
    assert declared_args(text) is None
    assert unused_args(text, {"A": "1"}) == ()


@given(st.text(alphabet="ARGFOM x=\\`\"'\n<#-EOF", max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    declared_args("FROM scratch\n" + text)


def test_an_argument_that_nothing_takes() -> None:
    text = "FROM scratch\nARG VERSION\n"
    assert unused_args(text, {"VERSION": "1"}) == ()
    [warning] = unused_args(text, {"VERSON": "s3cret", "VERSION": "1"})
    assert warning.startswith("build argument VERSON has no effect: the Dockerfile has no ARG VERSON")
    assert "did you mean 'VERSION'?" in warning and "s3cret" not in warning


@pytest.mark.parametrize(
    "name",
    [
        *("HTTP_PROXY", "http_proxy", "NO_PROXY", "all_proxy", "BUILDKIT_INLINE_CACHE", "SOURCE_DATE_EPOCH"),
        *("TARGETARCH", "BUILDPLATFORM", "BUILDKIT_MULTI_PLATFORM"),
    ],
)
def test_arguments_that_need_no_declaration(name: str) -> None:
    assert unused_args("FROM scratch\n", {name: "1"}) == ()


@pytest.mark.parametrize(
    "quoted", ["RUN <<EOF\nARG A=1\nEOF\n", "RUN <<EOF\nARG A=1\n", "RUN echo 'a\nARG A\n"]
)
def test_where_it_is_not_sure_nothing_is_said(quoted: str) -> None:
    assert unused_args("FROM scratch\n" + quoted, {"A": "1"}) == ()


def test_another_frontend_takes_what_it_likes() -> None:
    assert unused_args("FROM scratch\n", {"A": "1", "BUILDKIT_SYNTAX": "example.org/own"}) == ()
