from __future__ import annotations

import io

import pytest

from ecr_push.cli.images.lines import Lines


@pytest.mark.parametrize(
    ("line", "commands", "written"),
    [
        ("12:00:00Z build    x", True, "a   | 12:00:00Z build    x\n"),
        ("::error title=x::y", True, "::error title=x::y\n"),
        ("::add-mask::y", True, "::add-mask::y\n"),
        ("::group::build", True, "a   | build\n"),
        ("::endgroup::", True, ""),
        # A report stands apart, as it does in the log of a run alone.
        ("", True, "a   |\n"),
        ("  ", False, "a   |\n"),
        ("::stop-commands::x", True, "a   | ::stop-commands::x\n"),
        ("::error title=x::y", False, "a   | ::error title=x::y\n"),
    ],
)
def test_a_line_says_which_image_it_is_of(line: str, commands: bool, written: str) -> None:
    log = io.StringIO()
    Lines(log, ["a", "web"], commands=commands).of("a")(line)
    assert log.getvalue() == written
