"""The line after a build, for a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.sizes import megabytes
from ecr_push.ci.facts import CiRun
from ecr_push.pipeline.build_summary import summary
from ecr_push.pipeline.run import run
from tests.support import stories
from tests.support.fakes import FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git


@pytest.mark.parametrize(
    ("steps", "platforms", "text"),
    [
        ((8, 3), ("linux/amd64",), "built in 9.4 s, 3 of 8 steps cached, linux/amd64"),
        ((1, 0), ("linux/amd64",), "built in 9.4 s, 0 of 1 steps cached, linux/amd64"),
        ((0, 0), ("linux/amd64", "linux/arm64"), "built in 9.4 s, linux/amd64, linux/arm64"),
        ((0, 0), (), "built in 9.4 s"),
    ],
)
def test_what_it_says(steps: tuple[int, int], platforms: tuple[str, ...], text: str) -> None:
    assert summary(9.42, steps, platforms) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(1, "0.1 MB"), (9_940_000, "9.9 MB"), (10_000_000, "10 MB"), (2_345_600_000, "2346 MB")],
)
def test_sizes(size: int, text: str) -> None:
    assert megabytes(size) == text


@pytest.mark.parametrize("interactive", [True, False])
def test_a_person_is_shown_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interactive: bool
) -> None:
    without_git(monkeypatch)
    facts = replace(stories.FACTS, run=CiRun(interactive=interactive))
    monkeypatch.setattr(stories, "FACTS", facts)
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    for _ in ("built", "reused"):
        assert story.run(run).exit_code == 0
    said = [one for one in story.narrator.said if one.startswith("built in ")]
    assert len(said) == interactive


def test_it_is_said_while_the_build_is_the_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not among the lines of the scan, which it would follow if it waited for the size."""
    without_git(monkeypatch)
    facts = replace(stories.FACTS, run=CiRun(interactive=True))
    monkeypatch.setattr(stories, "FACTS", facts)
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    monkeypatch.setattr(story.narrator, "phase", lambda name: story.narrator.said.append(f"phase {name}"))
    assert story.run(run).exit_code == 0
    said = story.narrator.said
    [built] = [number for number, one in enumerate(said) if one.startswith("built in ")]
    assert said.index("phase build") < built < said.index("phase push")
