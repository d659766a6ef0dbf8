"""Where the floating tags point when a run ends without a release, and what made its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.run import run
from ecr_push.pipeline.unreleased import note_layer_steps, step_of
from ecr_push.registry.oci import Manifest
from ecr_push.scan.findings import Package
from tests.support.fakes import FakeRepository, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

OTHER = manifest("another image")


@pytest.fixture(autouse=True)
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def now(outcome: Any) -> dict[str, str | None]:
    return {tag.name: image.name if image else None for tag, image in outcome.tags_now}


def test_after_a_refusal_they_are_where_the_last_release_is(tmp_path: Path) -> None:
    old = Digest(f"sha256:{'1' * 64}")
    tags = dict.fromkeys(("1.4.1", "1.4", "1", "latest", "candidate-of-an-earlier-run"), old)
    found = Story(tmp_path, FakeRepository(answers=lambda image: answer("CRITICAL"), tags=tags)).run(run)
    assert found.status == "refused"
    assert now(found) == {"1.4": "1.4.1", "1": "1.4.1", "latest": "1.4.1"}


def test_after_a_release_the_tags_that_moved_say_it(tmp_path: Path) -> None:
    assert Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW"))).run(run).tags_now == ()


def test_a_tag_that_does_not_exist_is_known_not_to(tmp_path: Path) -> None:
    found = Story(tmp_path, FakeRepository(answers=lambda image: answer("CRITICAL"))).run(run)
    assert now(found) == {"1.4": None, "1": None, "latest": None}


def test_a_run_that_may_not_begin_says_it_too(tmp_path: Path) -> None:
    """The version is another image's: a run learns it before it builds."""
    tags = dict.fromkeys(("1.4.2", "latest"), OTHER.digest)
    found = Story(tmp_path, FakeRepository(tags=tags, manifests=[OTHER])).run(run)
    assert found.failure and found.failure.kind == "conflict"
    assert now(found) == {"1.4": None, "1": None, "latest": "1.4.2"}


class Silent(FakeRepository):
    """Answers the question for tags once, before the build."""

    asked = 0

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        self.asked += 1
        if self.asked > 1:
            raise RegistryError("it no longer answers")
        return super().digests(tags)


def test_where_the_registry_does_not_answer_what_was_known_before_stands_in(tmp_path: Path) -> None:
    repository = Silent(answers=lambda image: answer("LOW"))
    repository.tags["latest"] = Digest(f"sha256:{'1' * 64}")
    story = Story(tmp_path, repository)
    story.builders.error = BuildError("it broke")
    found = story.run(run)
    assert found.failure and found.failure.what == "it broke"
    assert [(tag.name, image) for tag, image in found.tags_now if image is None] == [
        ("1.4", None),
        ("1", None),
    ]
    latest = dict(found.tags_now)[Tag("latest")]
    assert latest and (latest.digest, latest.name) == (repository.tags["latest"], "")


def test_the_registrys_own_failure_is_not_asked_about(tmp_path: Path) -> None:
    repository = Silent(answers=lambda image: answer("LOW"))
    story = Story(tmp_path, repository)
    story.builders.error = RegistryError("the push was refused")
    found = story.run(run)
    assert found.failure and found.failure.what == "the push was refused"
    assert now(found) == {"1.4": None, "1": None, "latest": None}


@pytest.mark.parametrize(
    ("created_by", "step"),
    [
        ("COPY wheels /tmp/wheels # buildkit", "COPY wheels /tmp/wheels"),
        ("RUN /bin/sh -c apt-get  install\tcurl # buildkit", "RUN apt-get install curl"),
        ("RUN |2 TOKEN=hunter2 A=b /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |1 TOKEN=hunter2 /bin/bash -c make # buildkit", "RUN"),
        ("/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /"),
        ("/bin/sh -c make", "make"),
        ("# debian.sh --arch 'amd64' out/ 'bookworm'", "# debian.sh --arch 'amd64' out/ 'bookworm'"),
        ("", ""),
    ],
)
def test_a_step_is_shown_without_shell_and_build_arguments(created_by: str, step: str) -> None:
    assert step_of(created_by) == step


LAYERED = Manifest(
    Digest(f"sha256:{'2' * 64}"),
    "application/vnd.oci.image.manifest.v1+json",
    '{"layers": [{"digest": "sha256:1"}, {"digest": "sha256:2"}]}',
)


class WithHistory(FakeRepository):
    is_over = False

    def manifest(self, digest: Digest) -> Manifest:
        return LAYERED if self.is_over else super().manifest(digest)

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        return tuple(f"RUN |1 A=b /bin/sh -c make {one} # buildkit" for one in manifest.layers)


class Noted:
    """In the place of a record."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.nouns: dict[str, Any] = {}

    def note(self, **nouns: Any) -> None:
        self.nouns |= nouns


@pytest.mark.parametrize("layer", ["sha256:1", ""])
def test_the_steps_of_the_layers_are_asked_for_where_the_scan_names_layers(
    tmp_path: Path, layer: str
) -> None:
    repository = WithHistory(answers=lambda image: answer("CRITICAL"))
    found = Story(tmp_path, repository).run(run)
    assert found.pushed and found.verdict and found.layer_steps == {}
    [rule] = found.verdict.broken
    named = replace(rule.findings[0], packages=(Package("a", layer=layer),))
    verdict = replace(found.verdict, rules=(replace(rule, findings=(named,)),))
    record: Any = Noted(replace(found, verdict=verdict))
    repository.is_over = True
    note_layer_steps(repository, record)
    layers = LAYERED.layers
    assert layers == ("sha256:1", "sha256:2")
    assert record.nouns == ({"layer_steps": {one: f"RUN make {one}" for one in layers}} if layer else {})
