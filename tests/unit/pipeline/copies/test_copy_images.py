"""Copies between repositories in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.log import Redactor
from ecr_push.base.reference import Digest, Repository, Tag, parse_repository
from ecr_push.base.source_name import SourceName
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.copy_images import Copied, copy_images
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.pipeline.copy_result import CopyResult
from ecr_push.registry.destination import parse_destination
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient, RepositoryState
from ecr_push.registry.layer_api import Blob, OpenBlob, Sent, TransferError
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.tags.labels import VERSION_LABEL
from tests.support.fakes import HOST, FakeClock, FakeLayers, FakeNarrator, FakeRepository, digest
from tests.support.judged_images import answer
from tests.support.settings import settings
from tests.support.trees import AMD, ARM, about, image, index_of

FAR = f"{HOST.replace('eu-west-1', 'eu-central-1')}/team/app"
FAR_TOO = f"{HOST.replace('eu-west-1', 'eu-central-1')}/team/too"
PUBLIC = "public.ecr.aws/acme/app"
ROOT = index_of(AMD, ARM)
SIGNATURE, STATEMENT = about(ROOT, "signature"), about(AMD, "sbom")
OLD, NEW = image("old"), image("new")
LABELS = {one.digest: {VERSION_LABEL: text} for one, text in ((OLD, "1.0.0"), (NEW, "1.1.0"))}


def source(**tags: Manifest) -> FakeRepository:
    everything = [AMD, ARM, ROOT, SIGNATURE, STATEMENT, OLD, NEW]
    given = {name.replace("_", "."): one.digest for name, one in tags.items()}
    referrers = {ROOT.digest: [SIGNATURE.digest], AMD.digest: [STATEMENT.digest]}
    return FakeRepository(tags=given, manifests=everything, referrers=referrers, labels=LABELS)


def place(uri: str, *there: Manifest, **more: Any) -> FakeRepository:
    return FakeRepository(at=parse_repository(uri), manifests=there, labels=LABELS, **more)


class World:
    def __init__(self, own: FakeRepository, *others: FakeRepository) -> None:
        self.own = own
        self.others = others
        self.narrator = FakeNarrator()
        self.dry = False

    def open(self, target: RepositoryTarget) -> RepositoryClient:
        for one in self.others:
            is_public = target.public and one.at.registry.kind == "public"
            if is_public or f"{target.host}/{target.name}" == one.at.uri:
                return DryRun(one, self.narrator) if self.dry else one
        return self.own

    def copy(self, *jobs: CopyJob, judge: bool = False, all_checked: bool = True, **values: Any) -> Copied:
        clock = FakeClock()
        builders: Any = None
        self.dry = values.get("dry_run", False)
        tools = Tools(self.open, builders, {}, clock, self.narrator, Redactor(), "run", open_other=self.other)
        copied = Copied()
        copy_images(jobs, settings(**values), tools, copied, judge=judge, all_checked=all_checked)
        return copied

    def other(self, repository: Repository, /, *, hurried: bool = False) -> FakeRepository:
        assert not hurried
        return self.own


def job(text: str, *to: str, **more: Any) -> CopyJob:
    return CopyJob(SourceName.parse(text), tuple(map(parse_destination, to)), **more)


def results(copied: Copied) -> dict[str, str]:
    return {one.destination: one.result for one in copied.results}


def tags(result: CopyResult) -> dict[str, str]:
    return {one.tag.name: one.result for one in result.tags}


def test_an_image_goes_with_its_platforms_and_all_that_is_attached_and_its_tag_comes_last() -> None:
    to = place(FAR)
    copied = World(source(**{"1_0": ROOT}), to).copy(job("team/app:1.0", FAR))
    assert results(copied) == {FAR: "copied"} and not copied.errors
    assert to.tags == {"1.0": ROOT.digest}
    assert to.manifests([one.digest for one in (AMD, ARM, ROOT, SIGNATURE, STATEMENT)]).keys() == {
        one.digest for one in (AMD, ARM, ROOT, SIGNATURE, STATEMENT)
    }
    assert to.log[-1] == "1.0"
    assert copied.results[0].manifests == 5


def test_the_same_again_sends_nothing() -> None:
    to = place(FAR)
    world = World(source(**{"1_0": ROOT}), to)
    world.copy(job("team/app:1.0", FAR))
    to.log.clear()
    again = world.copy(job("team/app:1.0", FAR))
    assert (to.log, tags(again.results[0])) == ([], {"1.0": "already"})
    assert (again.results[0].manifests, again.results[0].received.sent) == (0, 0)


def test_an_image_without_anything_attached_is_put_with_its_tag_at_once() -> None:
    to = place(FAR)
    World(source(**{"1_0_0": OLD}), to).copy(job("team/app:1.0.0", FAR))
    assert to.log[-1] == "1.0.0" and f"+{OLD.digest.short}" not in to.log


def test_without_referrers() -> None:
    to = place(FAR)
    World(source(**{"1_0": ROOT}), to).copy(job("team/app:1.0", FAR, referrers=False))
    assert to.manifests([SIGNATURE.digest, STATEMENT.digest]) == {}


def test_by_digest_it_gets_the_tags_that_are_named_or_none() -> None:
    to = place(FAR)
    world = World(source(**{"1_0": ROOT}), to)
    copied = world.copy(job(f"team/app@{ROOT.digest}", FAR))
    assert (to.tags, copied.results[0].images) == ({}, (ROOT.digest,))
    assert to.manifests([ROOT.digest])
    world.copy(job(f"team/app@{ROOT.digest}", FAR, named=(Tag("stable"), Tag("blue"))))
    assert to.tags == {"stable": ROOT.digest, "blue": ROOT.digest}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*"], {"1.0.0", "1.1.0", "latest"}),
        (["1.*"], {"1.0.0", "1.1.0"}),
        (["1.0.*", "latest"], {"1.0.0", "latest"}),
        (["candidate-1"], {"candidate-1"}),  # by its name
    ],
)
def test_tags_by_name_and_pattern(patterns: list[str], expected: set[str]) -> None:
    own = source(**{"1_0_0": OLD, "1_1_0": NEW, "latest": NEW, "candidate-1": ROOT})
    own.tags |= {"claim-2": OLD.digest, f"sha256-{OLD.digest.value[7:]}.sig": SIGNATURE.digest}
    to = place(FAR)
    copied = World(own, to).copy(job("team/app", FAR, tags=tuple(patterns)))
    assert not copied.errors
    assert {one for one in to.tags if not one.startswith("sha256-")} == expected


@pytest.mark.parametrize("tag", ["2.*", "2.0"])
def test_a_tag_that_is_not_there(tag: str) -> None:
    copied = World(source(**{"1_0_0": OLD}), place(FAR)).copy(job("team/app", FAR, tags=(tag,)))
    [error] = copied.errors.values()
    assert tag in error.what and results(copied) == {FAR: "failed"}


def test_cosigns_tags_come_too_and_take_nothing_from_others() -> None:
    own = source(**{"1_0_0": OLD, "1_1_0": NEW})
    own.tags |= {f"sha256-{one.digest.value[7:]}.sig": SIGNATURE.digest for one in (OLD, NEW)}
    taken = f"sha256-{NEW.digest.value[7:]}.sig"
    to = place(FAR, STATEMENT, tags={taken: STATEMENT.digest})
    world = World(own, to)
    copied = world.copy(job("team/app", FAR, tags=("1.*",)))
    assert not copied.errors
    assert to.tags[f"sha256-{OLD.digest.value[7:]}.sig"] == SIGNATURE.digest
    assert to.tags[taken] == STATEMENT.digest
    assert any("names other signatures" in one for one in world.narrator.warned)


# ------------------------------------------------------------------------- which tags move


@pytest.mark.parametrize(
    ("tag", "moves", "expected"),
    [
        ("1.0.0", "forward", "taken"),
        ("sha-0123456789ab", "forward", "taken"),
        ("1.0.0", "any", "moved"),
        ("1.0.0", "never", "kept"),
        ("stable", "forward", "moved"),
        ("stable", "never", "kept"),
        ("latest", "forward", "kept"),  # it is 1.1.0 there
        ("1", "forward", "kept"),
        ("latest", "any", "moved"),
    ],
)
def test_a_tag_that_names_another_image(tag: str, moves: Any, expected: str) -> None:
    to = place(FAR, NEW, tags={tag: NEW.digest})
    copied = World(source(old=OLD), to).copy(job("team/app:old", FAR, named=(Tag(tag),), moves=moves))
    if expected == "taken":
        [error] = copied.errors.values()
        assert f"taken by another image: {tag}" in error.what and error.exit_code == 2
        assert to.log == []
    else:
        assert tags(copied.results[0]) == {tag: expected}
        assert to.tags[tag] == (OLD if expected == "moved" else NEW).digest
        assert to.manifests([OLD.digest]), "the image is there, whatever becomes of its tag"


@pytest.mark.parametrize("moves", ["forward", "any"])
def test_a_frozen_tag_never_moves_and_nothing_is_sent(moves: Any) -> None:
    frozen = RepositoryState(parse_repository(FAR), "IMMUTABLE")
    to = place(FAR, NEW, tags={"stable": NEW.digest}, state=frozen)
    copied = World(source(stable=OLD), to).copy(job("team/app:stable", FAR, moves=moves))
    [error] = copied.errors.values()
    assert "does not let these tags move: stable" in error.what and "IMMUTABLE" in error.why
    assert to.log == []


def test_a_line_moves_forward() -> None:
    to = place(FAR, OLD, tags={"latest": OLD.digest, "1": OLD.digest})
    copied = World(source(new=NEW), to).copy(job("team/app:new", FAR, named=(Tag("latest"), Tag("1"))))
    assert tags(copied.results[0]) == {"latest": "moved", "1": "moved"}


# ------------------------------------------------------------------------- candidates, and verdicts


def test_a_candidate_is_not_released_by_a_copy() -> None:
    own = source(**{"candidate-1": ROOT})
    for text in ("team/app:candidate-1", f"team/app@{ROOT.digest}"):
        to = place(FAR)
        copied = World(own, to).copy(job(text, FAR, named=(Tag("1.0.0"),)))
        [error] = copied.errors.values()
        assert "is a candidate" in error.what and to.log == []


def test_an_image_without_a_tag_gets_none_by_a_copy() -> None:
    """Such as a refused one whose candidate tag is gone. Without a tag in the copy, nothing is released."""
    own, name = source(**{"1_0_0": NEW}), f"team/app@{OLD.digest}"
    to = place(FAR)
    [error] = World(own, to).copy(job(name, FAR, named=(Tag("1.0.1"),))).errors.values()
    assert "not known to be accepted" in error.what and "--judge" in error.remedy and to.log == []
    assert not World(own, to).copy(job(name, FAR)).errors


@pytest.mark.parametrize(("severity", "result"), [("LOW", "copied"), ("CRITICAL", "refused")])
def test_the_tags_wait_for_the_verdict_there(severity: str, result: str) -> None:
    to = place(FAR, answers=lambda image: answer(severity))
    copied = World(source(**{"candidate-1": OLD}), to).copy(
        job("team/app:candidate-1", FAR, named=(Tag("1.0.0"),)), judge=True
    )
    assert results(copied) == {FAR: result} and not copied.errors
    assert to.tags == ({"1.0.0": OLD.digest} if result == "copied" else {})
    assert to.manifests([OLD.digest])


def test_ecr_public_judges_nothing() -> None:
    copied = World(source(old=OLD), place(PUBLIC)).copy(job("team/app:old", PUBLIC), judge=True)
    [error] = copied.errors.values()
    assert error.exit_code == 2 and "ECR Public has no scanning" in str(error)


# ------------------------------------------------------------------------- several destinations, and failures


class Refusing(FakeRepository):
    """Takes no layers."""

    @property
    def layers(self) -> FakeLayers:
        class Layers(FakeLayers):
            def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
                raise TransferError("PUT was answered with HTTP 400", status=400)

        return Layers(self)


def test_one_that_fails_stops_no_other_one() -> None:
    to, broken = place(FAR), Refusing(at=parse_repository(PUBLIC))
    copied = World(source(old=OLD), broken, to).copy(job("team/app:old", PUBLIC, FAR))
    assert results(copied) == {PUBLIC: "failed", FAR: "copied"}
    assert list(copied.errors) == [f"team/app:old -> {PUBLIC}"]


def test_layers_cross_the_wire_once_to_a_registry() -> None:
    first, second = place(FAR), place(FAR_TOO)
    World(source(old=OLD), first, second).copy(job("team/app:old", FAR, FAR_TOO))
    assert (first.log[0], second.log[0]) == ("sent", "mounted")


def test_within_a_registry_they_are_mounted() -> None:
    to = place(f"{HOST}/team/copy")
    World(source(old=OLD), to).copy(job("team/app:old", f"{HOST}/team/copy"))
    assert to.log == ["mounted", "old"]


def test_nothing_is_changed_if_a_required_one_is_missing() -> None:
    to, missing = place(FAR), place(FAR_TOO, state=None)
    world = World(source(old=OLD), to, missing)
    copied = world.copy(job("team/app:old", FAR, FAR_TOO))
    assert results(copied) == {FAR: "pending", FAR_TOO: "failed"} and to.log == []
    optional = world.copy(job("team/app:old", FAR, f"repository={FAR_TOO},required=false"))
    assert results(optional) == {FAR: "copied", FAR_TOO: "failed"} and not optional.errors
    created = world.copy(job("team/app:old", FAR, FAR_TOO), create_repository=True)
    assert results(created) == {FAR: "copied", FAR_TOO: "copied"}
    assert [one.created for one in created.results] == [False, True]


def test_of_a_list_one_that_fails_does_not_hold_up_the_others() -> None:
    to, missing = place(FAR), place(FAR_TOO, state=None)
    jobs = job("team/app:old", FAR_TOO, place="line 1"), job("team/app:old", FAR, place="line 2")
    copied = World(source(old=OLD), to, missing).copy(*jobs, all_checked=False)
    assert [one.result for one in copied.results] == ["failed", "copied"]
    assert [one.split(" -> ")[0] for one in copied.errors] == ["line 1"]


def test_two_images_for_one_tag_are_an_error_before_anything_is_sent() -> None:
    to = place(FAR)
    jobs = [job(f"team/app:{name}", FAR, named=(Tag("same"),)) for name in ("old", "new")]
    copied = World(source(old=OLD, new=NEW), to).copy(*jobs)
    assert "same is to point to" in str(copied.errors) and to.log == []


def test_a_dry_run_says_what_would_be() -> None:
    to, missing = place(FAR), place(FAR_TOO, state=None)
    values = {"dry_run": True, "create_repository": True}
    copied = World(source(old=OLD), to, missing).copy(job("team/app:old", FAR, FAR_TOO), **values)
    assert results(copied) == {FAR: "planned", FAR_TOO: "planned"}
    assert [one.created for one in copied.results] == [False, True]
    assert tags(copied.results[0]) == {"old": "planned"} and to.log == missing.log == []


def test_a_tag_that_another_program_moves_meanwhile_is_an_error() -> None:
    class Moved(FakeRepository):
        def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
            done = super().put_tag(manifest, tag)
            self.tags[tag.name] = digest("another")
            return done

    to = Moved(at=parse_repository(FAR))
    copied = World(source(old=OLD), to).copy(job("team/app:old", FAR))
    [error] = copied.errors.values()
    assert isinstance(error, RegistryError) and "not where they were put: old" in error.what


# ------------------------------------------------------------------------- other registries


def test_where_ecr_public_lists_what_is_attached_no_tag_is_made_for_it() -> None:
    to = place(PUBLIC, referrers={ROOT.digest: [SIGNATURE.digest], AMD.digest: [STATEMENT.digest]})
    World(source(**{"1_0": ROOT}), to).copy(job("team/app:1.0", PUBLIC))
    assert to.tags.keys() == {"1.0"}


def test_where_it_does_not_it_gets_an_index_of_it() -> None:
    to = place(PUBLIC)
    World(source(**{"1_0": ROOT}), to).copy(job("team/app:1.0", PUBLIC))
    listed = to.tags[f"sha256-{ROOT.digest.value[7:]}"]
    assert [one.digest for one in to.manifest(listed).children()] == [SIGNATURE.digest]
    assert f"sha256-{AMD.digest.value[7:]}" in to.tags


def test_what_a_destination_has_is_not_read_from_another_registry() -> None:
    class Metered(FakeRepository):
        read: ClassVar[list[Digest]] = []

        def manifests(self, digests: Sequence[Digest]) -> dict[Digest, Manifest]:
            self.read += digests
            return dict(super().manifests(digests))

    own = Metered(tags={"old": OLD.digest}, manifests=[OLD])
    to = place(FAR, OLD)
    copied = World(own, to).copy(job("docker.io/library/app:old", FAR))
    assert results(copied) == {FAR: "copied"} and own.read == []


def test_platforms_are_chosen_before_anything_is_sent() -> None:
    body = ROOT.body.replace(
        f'"{AMD.digest}"', f'"{AMD.digest}", "platform": {{"os": "linux", "architecture": "amd64"}}'
    )
    whole = replace(ROOT, body=body, digest=digest(body))
    own = FakeRepository(tags={"1.0": whole.digest}, manifests=[AMD, ARM, whole])
    to = place(FAR)
    World(own, to).copy(job("team/app:1.0", FAR, platforms=("linux/amd64",)))
    assert to.tags == {"1.0": AMD.digest} and not to.manifests([ARM.digest])


def test_a_missing_repository_of_the_source_names_docker_hub(tmp_path: Path) -> None:
    copied = World(source(), place(FAR)).copy(job("alpine:3.20", FAR))
    [error] = copied.errors.values()
    assert "docker.io/library/alpine:3.20" in error.remedy
