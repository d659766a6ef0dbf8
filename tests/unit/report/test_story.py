"""The story of an image, as text, as a document and as a page: hostile names stay text."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.pipeline.story.model import KINDS, Entry
from ecr_push.report.story_html import render
from ecr_push.report.story_text import document_of, lines_of
from tests.support.story_samples import NOTE, NOW, STORY, WHAT
from tests.support.trail import KIM

HOSTILE = "<script>alert(1)</script>\n"


def test_a_line_for_each_thing_that_happened() -> None:
    lines = list(lines_of(STORY))
    assert lines[0] == STORY.image
    assert lines[1] == (
        "  version 1.4.2; commit 4f1e2d3c4b5a; pushed 2026-11-28 20:00:00Z; tagged 1.4.2, latest"
    )
    assert lines[3].startswith("2026-11-28 20:00:00Z  pushed      candidate-4f1e2d3c4b5a-7")
    assert lines[3].endswith("role/ci/run-7 (ecr-push, 192.0.2.7)")
    assert f"    ! {NOTE}" in lines
    assert lines[-2:] == ["Not read:", f"  {STORY.unread[0]}"]
    assert len(lines) == 3 + len(WHAT) + 1 + 3


def test_nothing_is_known() -> None:
    nothing = replace(STORY, entries=(), version="", commit="", tags=(), pushed_at=None, unread=())
    assert list(lines_of(nothing)) == [STORY.image, "", "Nothing is known of what happened to it."]
    assert "0 things are known" in render(nothing, NOW)


def test_the_document_has_the_whole_caller() -> None:
    document = document_of(STORY)
    assert [one["kind"] for one in document["entries"]] == list(KINDS)
    assert {one["who"] for one in document["entries"] if one["kind"] == "left"} == {KIM}


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    entry = Entry(NOW, "tagged", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    page = render(replace(STORY, image=HOSTILE, entries=(entry,), unread=(HOSTILE,), version=HOSTILE), NOW)
    assert "<script" not in page.lower()
    assert "http" not in page.partition("</style>")[2].replace("http-equiv", "")
