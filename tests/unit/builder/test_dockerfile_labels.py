"""Which labels a Dockerfile gives its image itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.builder.dockerfile_labels import dockerfile_labels


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("FROM a\nLABEL x=1", "x"),
        ("from a\nlabel x=1 y=2\nLABEL z=3", "x y z"),
        ("FROM a", ""),
        ("", ""),
        ("LABEL x=1", ""),
        ("FROM a\nLABEL x a long text", "x"),
        ('FROM a\nLABEL "com.example.x"="1 y=2" \'z\'=3', "com.example.x z"),
        ('FROM a\nLABEL x="a \\" b=1" y=c\\ d=2', "x y"),
        ("FROM a\nLABEL x=1 \\\n  y=2 \\\n\n  # z=3 \\\n  w=4\nRUN b", "x y w"),
        ("FROM a\n\tLABEL\tx=1", "x"),
        ("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nLABEL x=1 `\n  y=c:\\\nLABEL z=1", "x y z"),
        ("FROM a\n# escape=`\nLABEL x=1 \\\n  y=2", "x y"),
        ("\ufeffFROM a\r\nLABEL x=1\r\n", "x"),
        ("FROM a\nLABEL x=1\\", "x"),
        # What stands in a heredoc is a file's or a shell's.
        ("FROM a\nRUN <<EOF\nLABEL x=1\nEOF\nLABEL y=1", "y"),
        ('FROM a\nRUN <<-"EOF" cat 3<<TWO\nLABEL x=1\n\tEOF\nFROM b\nTWO\nLABEL y=1', "y"),
        ("FROM a\nCOPY --chmod=1 <<'E' /f\nFROM x\nE\nLABEL y=1", "y"),
        ('FROM a\nRUN echo " <<EOF"\nLABEL y=1', "y"),
        ("FROM a\nRUN cat <<<EOF\nLABEL y=1\nEOF", "y"),
        # The base's own triggers are its labels.
        ("FROM a\nONBUILD LABEL x=1", ""),
    ],
)
def test_the_labels_of_one_stage(text: str, keys: str) -> None:
    assert dockerfile_labels(text, "", {}) == frozenset(keys.split())


STAGES = """
ARG BASE=second
ARG KIND
FROM golang:1.24 AS first
LABEL first=1
FROM --platform=$BUILDPLATFORM debian:12 as Second
LABEL second=1
FROM first AS third
LABEL third=1
FROM ${BASE} AS fourth
LABEL fourth=1
FROM stage-${KIND:-x} AS fifth
LABEL fifth=1
FROM app-$TARGETARCH
LABEL last=1
"""


@pytest.mark.parametrize(
    ("target", "args", "keys"),
    [
        ("first", {}, "first"),
        ("SECOND", {}, "second"),
        ("third", {}, "first third"),
        ("fourth", {}, "second fourth"),
        ("fourth", {"BASE": "third"}, "first third fourth"),
        ("fourth", {"BASE": "debian:12"}, "fourth"),
        ("fifth", {}, "fifth"),
        ("2", {}, "first third"),
        ("9", {}, ""),
        ("other", {}, ""),
        # Which stage it is follows from the platform: it may be each.
        ("", {}, "first second third fourth fifth last"),
    ],
)
def test_a_stage_has_the_labels_of_the_stages_below_it(target: str, args: dict[str, str], keys: str) -> None:
    assert dockerfile_labels(STAGES, target, args) == frozenset(keys.split())


LINES = st.sampled_from(
    [
        *("FROM a AS b", "FROM b", "FROM $A", "ARG A=$A$A", "ARG A=b", "LABEL x=1", 'LABEL "', "LABEL x \\"),
        *("RUN <<A", "RUN <<-A <<B", "A", "\tA", "\\", "# escape=`", "", "#", "ONBUILD", "\0"),
    ]
)


@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)), st.sampled_from(["", "b", "0"]))
def test_any_text_has_an_answer(text: str, target: str) -> None:
    assert isinstance(dockerfile_labels(text, target, {"B": "b"}), frozenset)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN <<A\n" * 100_000,
        "FROM a\nLABEL x=1" + " \\\n y=1" * 100_000,
        "ARG A=aaaaaaaa\n" + "ARG A=$A$A$A$A\n" * 1_000 + "FROM $A\nLABEL x=1",
        "".join(f"FROM s{at} AS s{at + 1}\nLABEL x=1\n" for at in range(50_000)),
        "FROM a\nLABEL " + "\\" * 400_000,
        "FROM " + "--x " * 100_000,
    ],
    ids=["heredocs", "one long instruction", "arguments that multiply", "stages", "escapes", "flags"],
)
def test_a_text_made_to_take_long(text: str) -> None:
    """Time that grows with the square of the length would be hours."""
    assert isinstance(dockerfile_labels(text, "", {}), frozenset)
