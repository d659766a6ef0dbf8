"""Images of several builders for one commit become one index, or all that is wrong with them is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.build_part import build_part
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.pipeline.run import dry_run, run
from ecr_push.report import text
from ecr_push.tags.labels import COMMIT_LABEL
from tests.support.fakes import FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

TAGS = ["sha-0123456789ab", "1.4.2", "1.4", "1", "latest"]
AMD, ARM = manifest("amd"), manifest("arm")
PLATFORMS = {AMD.digest: ("linux/amd64",), ARM.digest: ("linux/arm64",)}


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def accepted(image: Digest) -> dict[str, Any]:
    return answer("LOW")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, FakeRepository(answers=accepted, platforms=PLATFORMS))


def part(story: Story, image: Any, platform: str = "", **more: Any) -> str:
    """Builds a part, and returns what is printed of it."""
    story.builders.image = image
    given = {"platforms": (platform,)} if platform else {}
    found = story.run(build_part, **{**given, **more})
    assert (found.status, found.exit_code, found.promoted) == ("built", 0, ())
    assert found.pushed
    return found.pushed.reference


def joined(story: Story, *parts: str, **more: Any) -> Outcome:
    return story.run(run, parts=parts, **more)


def story_of(found: Outcome) -> tuple[Plan, Preflight | None]:
    assert found.plan
    return found.plan, found.preflight


def why(found: Outcome) -> str:
    assert found.failure and (found.exit_code, found.failure.kind) == (2, "settings"), found.failure
    return found.failure.why


def test_a_part_is_pushed_and_released_by_no_tag(story: Story) -> None:
    part(story, AMD)
    assert set(story.repository.tags) == {"candidate-0123456789ab-run1"}
    assert story.repository.scans_started == []


def test_what_only_the_caller_of_a_build_gives_is_not_needed_to_join(story: Story) -> None:
    given = {"secrets": ("id=npm,env=TOKEN",), "allow": ("network.host",), "compression": "zstd"}
    parts = [part(story, ARM, "linux/arm64", **given), part(story, AMD, **given)]
    assert joined(story, *parts).exit_code == 0


def test_the_parts_are_released_as_one_index(story: Story) -> None:
    parts = [part(story, ARM, "linux/arm64"), part(story, AMD)]
    found = joined(story, *parts)
    assert (found.status, found.exit_code) == ("accepted", 0), found.failure
    assert found.pushed and [one.platform for one in found.pushed.images] == ["linux/amd64", "linux/arm64"]
    assert {name: story.repository.tags[name] for name in TAGS} == dict.fromkeys(TAGS, found.pushed.digest)
    assert story.builders.log == ["build", "build"]


def test_again_and_in_another_order_it_is_the_same_image(story: Story) -> None:
    parts = [part(story, ARM, "linux/arm64"), part(story, AMD, "linux/amd64")]
    first, again = joined(story, *parts), joined(story, *parts[::-1], *parts)
    assert again.status == "accepted" and first.pushed and again.pushed
    assert again.pushed.digest == first.pushed.digest
    assert again.pushed.reused and {one.result for one in again.promoted} == {"already"}
    assert text.plan_text(*story_of(again)).count("build       nothing") == 1


def test_a_plan_reads_the_parts_and_pushes_nothing(story: Story) -> None:
    parts = [part(story, ARM, "linux/arm64"), part(story, AMD, "linux/amd64")]
    story.repository.log.clear()
    planned = story.run(dry_run, parts=parts)
    assert planned.status == "planned"
    assert f"join        {parts[0]}, {parts[1]}, as " in text.plan_text(*story_of(planned))
    assert "one part alone" in why(story.run(dry_run, parts=parts[:1]))
    assert story.repository.log == []


def test_a_version_that_is_taken_stays(story: Story) -> None:
    story.builders.image = AMD
    assert story.run(run, platforms=("linux/amd64",)).status == "accepted"
    parts = [part(story, ARM, "linux/arm64"), part(story, AMD, "linux/amd64")]
    story.repository.log.clear()
    found = joined(story, *parts)
    assert (found.status, found.exit_code) == ("failed", 2)
    assert found.failure and (found.failure.phase, found.failure.kind) == ("registry", "conflict")
    assert story.repository.log == []


def test_names_may_stand_in_a_file(story: Story) -> None:
    file = story.folder / "parts.txt"
    file.write_text(f"{part(story, ARM, 'linux/arm64')}\n{part(story, AMD)}\n")
    assert joined(story, str(file)).status == "accepted"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        ("", "the file is empty: the build that should have written it did not end well"),
        ("team/app:1.4", "names a tag, which can move"),
        ("what is this", "'what' is not a valid image name"),
        (f"team/other@{digest('x')}", "in another repository"),
        (f"999999999999.dkr.ecr.eu-west-1.amazonaws.com/team/app@{digest('x')}", "in another repository"),
    ],
)
def test_what_names_no_part_is_said_before_anything_is_read(
    story: Story, content: str | None, said: str
) -> None:
    file = story.folder / "part.txt"
    if content is not None:
        file.write_text(content)
    found = joined(story, str(file), str(story.folder / "missing.txt"))
    assert said in why(found) and "missing.txt: No such file" in why(found)
    assert story.repository.log == []


def test_each_mistake_is_said_and_nothing_is_pushed(story: Story) -> None:
    parts = [
        part(story, AMD, "linux/amd64"),
        part(story, ARM, "linux/arm64", build_args=("A=1",)),
        part(story, again := manifest("amd again"), "linux/amd64"),
    ]
    found = joined(story, *parts)
    assert f"{ARM.digest.short} (linux/arm64) was built from this commit, but with another" in why(found)
    assert f"{AMD.digest.short} and {again.digest.short} are both for linux/amd64" in why(found)
    assert story.repository.log == []


@pytest.mark.parametrize(
    ("platforms", "said"),
    [
        ((), "there is one part alone, for linux/amd64: a part may be missing"),
        (("linux/amd64", "linux/arm64"), "no part is for linux/arm64, which --platform names"),
        (("linux/arm64",), "a part is for linux/amd64, which --platform does not name"),
    ],
)
def test_a_part_that_is_missing_is_missed(story: Story, platforms: tuple[str, ...], said: str) -> None:
    found = joined(story, part(story, AMD, "linux/amd64"), platforms=platforms)
    assert said in why(found)
    assert story.repository.log == []


def test_parts_of_another_commit_or_version_are_none(story: Story) -> None:
    other = part(story, ARM, "linux/arm64", version="1.4.1")
    found = joined(story, part(story, AMD, "linux/amd64"), other)
    assert "was built as version 1.4.1, and this is 1.4.2" in why(found)
    story.repository.push(AMD, Tag("x"), {COMMIT_LABEL: "f" * 40})
    found = joined(story, f"team/app@{AMD.digest}", other)
    assert f"was built from commit {'f' * 12}, and this is 0123456789ab" in why(found)
