"""The whole story, from a checkout to released tags, with a fake builder and a repository in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline import lifecycle_warning
from ecr_push.pipeline.build_summary import note_size
from ecr_push.pipeline.run import dry_run, run
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.oci import Manifest
from ecr_push.registry.scan_api import ImageMissingError
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from tests.support.fakes import FakeLifecycle, FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

TAGS = ["sha-0123456789ab", "1.4.2", "1.4", "1", "latest"]
CANDIDATE = "candidate-0123456789ab-run1"
OTHER = digest("another image")
THEIRS = manifest("theirs")


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def clean(image: Digest) -> dict[str, Any]:
    return answer("LOW")


def vulnerable(image: Digest) -> dict[str, Any]:
    return answer("CRITICAL")


def end_threads(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(60)


def results(found: Any) -> dict[str, str]:
    return {one.tag.name: one.result for one in found.promoted}


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            "expire sha-* after 30 days",
            "will delete 1.4.2 on 2026-02-02: rule 1 (expire sha-* after 30 days)",
        ),
        ("keep last 9 of sha-*", "will delete 1.4.2 when 9 newer ones are there"),
        (
            "archive any not pulled for 90 days",
            "will archive 1.4.2 when no one has pulled it for 90 days",
        ),
        ("keep latest\nexpire sha-* after 30 days", ""),
        ("", ""),
    ],
)
def test_a_lifecycle_policy_that_takes_the_release_is_a_warning(
    tmp_path: Path, policy: str, words: str
) -> None:
    repository = FakeRepository(answers=clean)
    repository.lifecycle_policy = as_json(read_policy_text(policy)) if policy else ""
    story = Story(tmp_path, repository)
    assert story.run(run).status == "accepted"
    warned = [text for text in story.narrator.warned if "lifecycle policy" in text]
    assert len(warned) == bool(words) and all(words in text for text in warned)


@pytest.mark.parametrize(("patience", "number"), [(60.0, 1), (0.01, 0)])
def test_the_warning_comes_however_late_the_policy_is_there_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float, number: int
) -> None:
    """Else one run would warn, and the next one not."""
    read, ended = FakeLifecycle.policy, threading.Event()

    def late(own: FakeLifecycle) -> str:
        ended.wait(0.4 if number else 60)
        return read(own)

    monkeypatch.setattr(FakeLifecycle, "policy", late)
    monkeypatch.setattr(
        lifecycle_warning, "_PATIENCE_SECONDS", min(patience, lifecycle_warning._PATIENCE_SECONDS)
    )
    repository = FakeRepository(answers=clean)
    repository.lifecycle_policy = as_json(read_policy_text("expire sha-* after 30 days"))
    story = Story(tmp_path, repository)
    assert story.run(run).status == "accepted"
    ended.set()
    assert sum("lifecycle policy" in text for text in story.narrator.warned) == number


def test_a_policy_that_may_not_be_read_is_nothing(tmp_path: Path) -> None:
    repository = FakeRepository(answers=clean)
    repository.lifecycle_error = AwsRefusedError("AccessDeniedException", "no", "ecr:GetLifecyclePolicy", 400)
    story = Story(tmp_path, repository)
    assert story.run(run).status == "accepted"
    assert not [text for text in story.narrator.warned if "ifecycle" in text]


def test_an_accepted_image_is_released_and_loses_its_candidate(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(answers=clean))
    found = story.run(run)
    assert (found.status, found.exit_code) == ("accepted", 0)
    assert found.released.endswith(f"/team/app@{story.builders.image.digest}")
    assert story.repository.tags == dict.fromkeys(TAGS, story.builders.image.digest)
    assert results(found) == dict.fromkeys(TAGS, "moved")
    put = [name for name in story.repository.log if not name.startswith("-")]
    assert (put[:2], sorted(put[2:])) == (TAGS[:2], sorted(TAGS[2:]))  # those that float at the same time
    assert (found.candidate, f"-{CANDIDATE}" in story.repository.log) == (None, True)
    assert list(found.seconds) == ["source", "plan", "registry", "build", "push", "scan", "judge", "promote"]


@pytest.mark.parametrize(("answers", "status"), [(clean, "accepted"), (vulnerable, "refused")])
def test_the_outcome_waits_for_the_size_and_platform_however_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: Any, status: str
) -> None:
    """A document that has them in one run and not in the next cannot be compared."""

    def late(*given: Any) -> None:
        ended.wait(0.2)
        note_size(*given)

    ended = threading.Event()
    monkeypatch.setattr("ecr_push.pipeline.run.note_size", late)
    story = Story(tmp_path, FakeRepository(answers=answers))
    found = story.run(run)
    assert (found.status, found.size) == (status, story.builders.image.layer_bytes)
    assert found.platform == "linux/amd64"


def test_a_refused_image_moves_no_tag_and_keeps_its_candidate(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(answers=vulnerable, tags={"latest": OTHER}))
    found = story.run(run)
    assert (found.status, found.exit_code, found.released) == ("refused", 10, "")
    assert story.repository.log == []
    assert story.repository.tags == {"latest": OTHER, CANDIDATE: story.builders.image.digest}
    assert (str(found.candidate), found.promoted) == (CANDIDATE, ())


def test_a_scan_without_an_answer_is_not_a_pass(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository())
    found = story.run(run)
    assert (found.status, found.exit_code) == ("no-answer", 5)
    assert found.failure and found.failure.phase == "scan"
    assert set(story.repository.tags) == {CANDIDATE} == {str(found.candidate)}


def test_a_second_run_finds_the_image_and_moves_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(answers=clean))
    story.run(run)
    story.repository.log.clear()
    again = story.run(run)
    assert story.builders.log == ["build"]
    assert (again.status, again.pushed and again.pushed.reused) == ("accepted", True)
    assert results(again) == dict.fromkeys(TAGS, "already")
    assert story.repository.log == []


class Breaks(FakeRepository):
    """Fails at the n-th write of a tag."""

    left = 99

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        self.left -= 1
        if self.left < 0:
            raise RegistryError("the connection is gone")
        return super().put_tag(manifest, tag)


@pytest.mark.parametrize("after", range(1, len(TAGS)))
def test_a_promotion_that_broke_off_is_completed_by_the_next_run(tmp_path: Path, after: int) -> None:
    repository = Breaks(answers=clean, tags={"latest": OTHER})
    repository.left = after
    story = Story(tmp_path, repository)
    broken = story.run(run)
    assert (broken.status, broken.exit_code) == ("failed", 4)
    assert broken.failure and (broken.failure.phase, broken.may_have_moved) == ("promote", True)
    assert len([one for one in broken.promoted if one.result == "moved"]) <= after
    assert repository.tags["latest"] == OTHER or "1.4.2" in repository.tags
    repository.left = 99
    assert story.run(run).status == "accepted"
    assert story.builders.log == ["build"]
    assert repository.tags == dict.fromkeys(TAGS, story.builders.image.digest)


def test_a_version_of_another_image_is_found_before_the_build(tmp_path: Path) -> None:
    taken = manifest("another image")
    story = Story(tmp_path, FakeRepository(tags={"1.4.2": taken.digest}, manifests=[taken]))
    found = story.run(run)
    assert (found.status, found.exit_code) == ("failed", 2)
    assert found.failure and (found.failure.phase, found.failure.kind) == ("registry", "conflict")
    assert "1.4.2" in found.failure.what
    assert (story.builders.log, story.repository.log) == ([], [])


def test_a_version_that_is_taken_during_the_scan_stops_every_move(tmp_path: Path) -> None:
    def answers(image: Digest) -> Mapping[str, Any]:
        end_threads("look at tags")  # the look beside the scan sees nothing of it
        story.clock.sleep(5)
        story.repository.tags["1.4.2"] = OTHER
        return answer()

    story = Story(tmp_path, FakeRepository(answers=answers))
    found = story.run(run)
    assert found.exit_code == 4
    assert found.failure and "since this run began" in found.failure.what
    assert story.repository.log == []


def overtaken(folder: Path, answers: Any) -> Story:
    """While its image is scanned, another pipeline releases an image of the same commit."""

    def scanned(image: Digest) -> Any:
        ours = story.builders.image
        if image == ours.digest and THEIRS.digest not in story.repository.tags.values():
            end_threads("look at tags")  # the look beside the scan sees nothing of it
            story.clock.sleep(5)
            story.repository.push(THEIRS, Tag(TAGS[0]), story.repository.labels(ours))
        return answers(image)

    story = Story(folder, FakeRepository(answers=scanned))
    return story


def test_the_image_of_the_commit_that_was_first_gets_the_rest_of_the_tags(tmp_path: Path) -> None:
    story = overtaken(tmp_path, clean)
    found = story.run(run)
    assert (found.status, found.released.endswith(f"@{THEIRS.digest}")) == ("accepted", True)
    assert results(found) == {**dict.fromkeys(TAGS, "moved"), TAGS[0]: "already"}
    ours = {CANDIDATE: story.builders.image.digest}
    assert story.repository.tags == {**dict.fromkeys(TAGS, THEIRS.digest), **ours}
    assert (found.pushed and found.pushed.reused, found.candidate) == (True, None)
    assert [text for text in story.narrator.said if "going on with that image" in text]
    own = found.superseded
    assert own and (own.image.digest, own.candidate) == (story.builders.image.digest, Tag(CANDIDATE))
    assert own.kept_as.endswith(f"/team/app:{CANDIDATE}")
    warned = story.narrator.warned
    assert warned and len(warned) == len(set(warned)), "each once, although it began again"


def test_a_run_that_releases_its_own_image_supersedes_none(tmp_path: Path) -> None:
    assert Story(tmp_path, FakeRepository(answers=clean)).run(run).superseded is None


def test_it_is_judged_before_it_gets_them(tmp_path: Path) -> None:
    story = overtaken(tmp_path, lambda image: (vulnerable if image == THEIRS.digest else clean)(image))
    found = story.run(run)
    assert (found.status, found.exit_code, results(found)) == ("refused", 10, {})
    assert set(story.repository.tags) == {TAGS[0], CANDIDATE}


def test_an_older_version_leaves_the_floating_tags_where_they_are(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(answers=clean, tags={"1.5.0": OTHER, "1": OTHER, "latest": OTHER}))
    found = story.run(run)
    kept = {one.tag.name: one.reason for one in found.promoted if one.result == "kept"}
    assert kept == dict.fromkeys(("1", "latest"), "1.5.0 is higher")
    assert (found.status, story.repository.tags["latest"]) == ("accepted", OTHER)


def test_a_build_that_fails_leaves_the_registry_alone(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository())
    story.builders.error = BuildError("the build failed")
    found = story.run(run)
    assert (found.exit_code, found.failure and found.failure.phase) == (3, "build")
    assert (story.repository.tags, found.candidate) == ({}, None)


@pytest.mark.parametrize("create", [True, False])
def test_a_missing_repository_is_created_where_that_is_asked_for(tmp_path: Path, create: bool) -> None:
    story = Story(tmp_path, FakeRepository(answers=clean, state=None))
    found = story.run(run, create_repository=create)
    assert (found.status, bool(found.created_repository)) == (
        ("accepted", True) if create else ("failed", False)
    )
    assert bool(story.builders.log) is create


@pytest.mark.parametrize("answers", [vulnerable, lambda image: None], ids=["refused", "no answer"])
def test_a_candidate_that_someone_removed_meanwhile_is_not_named(tmp_path: Path, answers: Any) -> None:
    def removing(image: Digest) -> Any:
        story.repository.tags.pop(CANDIDATE, None)
        return answers(image)

    story = Story(tmp_path, FakeRepository(answers=removing))
    found = story.run(run)
    assert found.exit_code in (5, 10)
    assert found.candidate is None


def test_a_candidate_that_was_removed_is_not_named_where_the_promotion_fails(tmp_path: Path) -> None:
    class Refusing(FakeRepository):
        def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
            self.tags.pop(CANDIDATE, None)
            raise RegistryError("AWS refused ecr:PutImage")

    found = Story(tmp_path, Refusing(answers=clean)).run(run)
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "promote")
    assert found.candidate is None


def test_a_candidate_that_is_deleted_while_its_scan_is_awaited_ends_the_wait_at_once(tmp_path: Path) -> None:
    """As its last tag goes, so does the image."""
    missing = ImageMissingError("the image is not in the registry")

    class Deleting(FakeRepository):
        asked = 0

        def scan_answer(self, digest: Digest) -> Any:
            self.asked += 1
            if self.asked > 1:
                self.tags.pop(CANDIDATE, None)
                raise missing
            return None

        def tags_of(self, digest: Digest) -> frozenset[Tag]:
            raise AwsRefusedError("ImageNotFoundException", "it does not exist", "ecr:DescribeImages")

    found = Story(tmp_path, Deleting()).run(run)
    assert found.failure
    assert (found.status, found.exit_code, found.candidate) == ("no-answer", 5, None)
    assert "was deleted while its scan was awaited" in found.failure.what
    assert found.seconds["scan"] < 5


def test_a_candidate_that_may_not_be_removed_stays_on_the_released_image(tmp_path: Path) -> None:
    class Denied(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            raise RegistryError("AWS refused ecr:BatchDeleteImage")

    story = Story(tmp_path, Denied(answers=clean))
    found = story.run(run)
    assert (found.status, str(found.candidate)) == ("accepted", CANDIDATE)
    assert any("ecr:BatchDeleteImage" in one for one in story.narrator.warned)


def test_a_dry_run_builds_and_writes_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(tags={"latest": OTHER}))
    client = DryRun(story.repository, story.narrator)
    found = story.run(dry_run, client=client)
    assert (found.status, found.exit_code) == ("planned", 0)
    assert found.plan and [str(tag) for tag in found.plan.tags] == TAGS
    assert (story.builders.log, story.repository.log, story.repository.tags) == ([], [], {"latest": OTHER})


def test_a_dry_run_says_what_builds_and_that_no_image_has_the_baseline(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository())
    found = story.run(dry_run, baseline="lastest")
    assert found.builder == "a builder of this test"
    assert "baseline: no image has the tag lastest, so every finding counts as new" in story.narrator.warned


def test_a_dry_run_finds_what_would_stop_a_run(tmp_path: Path) -> None:
    found = Story(tmp_path, FakeRepository(state=None)).run(dry_run)
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "registry")
