"""Who gets colours, and which."""

from __future__ import annotations

import pytest

from ecr_push.base.palette import PALETTE, painted, wants_colour


@pytest.mark.parametrize(
    ("environ", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "false"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "0", "FORCE_COLOR": "3"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, True, True),
    ],
)
def test_who_gets_colours(environ: dict[str, str], terminal: bool, pipe: bool) -> None:
    assert wants_colour(environ, is_terminal=True) is terminal
    assert wants_colour(environ, is_terminal=False) is pipe


def test_a_meaning_is_a_colour_and_anything_else_is_none() -> None:
    assert painted("HIGH", "high") == "\x1b[31mHIGH\x1b[0m"
    assert painted("REFUSED", "bad") == "\x1b[1;31mREFUSED\x1b[0m"
    assert (painted("x", ""), painted("x", "undefined"), painted("", "bad")) == ("x", "x", "")


def test_the_live_log_knows_every_colour() -> None:
    style = pytest.importorskip("rich.style")
    for words in PALETTE.values():
        style.Style.parse(words)
