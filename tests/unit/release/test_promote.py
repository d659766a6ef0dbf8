from __future__ import annotations

from collections.abc import Sequence

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.client import AwsRefusedError
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.oci import Manifest
from ecr_push.release.promote import PromotedTag, promote, retire_candidates
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import FakeNarrator, FakeRepository, digest, manifest

K = TagKind
RELEASE = [
    ("sha-0123456789ab", K.COMMIT),
    ("1.4.2", K.VERSION),
    ("extra", K.EXTRA),
    ("1.4", K.LINE),
    ("1", K.LINE),
    ("latest", K.LATEST),
]
JUDGED = manifest("judged")
OTHER = digest("another image")


def tags(*named: tuple[str, TagKind], version: str = "1.4.2") -> list[ReleaseTag]:
    return [ReleaseTag(Tag(name), kind, line(name, kind, version)) for name, kind in named]


def line(name: str, kind: TagKind, version: str) -> Line | None:
    if kind not in (K.LINE, K.LATEST):
        return None
    return Line(SEMVER, SEMVER.line_of(name) or (), version)


def go(
    repository: FakeRepository, version: str = "1.4.2", wanted: Sequence[tuple[str, TagKind]] = RELEASE
) -> dict[str, PromotedTag]:
    found = promote(tags(*wanted, version=version), JUDGED, repository, FakeNarrator())
    return {one.tag.name: one for one in found}


def test_all_tags_move_to_the_judged_image_latest_last() -> None:
    repository = FakeRepository(tags={"latest": OTHER, "1.4": OTHER})
    found = go(repository)
    assert {one.result for one in found.values()} == {"moved"}
    assert set(repository.tags.values()) == {JUDGED.digest}
    assert set(repository.log[:2]) == {"sha-0123456789ab", "1.4.2"}
    assert repository.log[-1] == "latest"
    assert found["latest"].reason == f"was {OTHER.short}"


def test_a_second_promotion_writes_nothing() -> None:
    repository = FakeRepository()
    go(repository)
    repository.log.clear()
    assert {one.result for one in go(repository).values()} == {"already"}
    assert repository.log == []


def test_an_interrupted_promotion_is_completed() -> None:
    repository = FakeRepository(tags={"sha-0123456789ab": JUDGED.digest, "1.4.2": JUDGED.digest})
    found = go(repository)
    assert (found["1.4.2"].result, found["latest"].result) == ("already", "moved")


@pytest.mark.parametrize("taken", ["1.4.2", "sha-0123456789ab"])
def test_a_protected_tag_of_another_image_stops_everything(taken: str) -> None:
    repository = FakeRepository(tags={taken: OTHER})
    with pytest.raises(RegistryError, match=taken):
        go(repository)
    assert repository.log == []


def test_a_snapshot_that_is_taken_is_no_mistake() -> None:
    repository = FakeRepository(tags={"1.4.3-dev.5": OTHER})
    found = go(repository, "1.4.3-dev.5", [("sha-0123456789ab", K.COMMIT), ("1.4.3-dev.5", K.SNAPSHOT)])
    assert (found["1.4.3-dev.5"].result, repository.tags["1.4.3-dev.5"]) == ("kept", OTHER)


@pytest.mark.parametrize(
    ("present", "kept"),
    [
        ("1.4.3", {"1.4", "1", "latest"}),
        ("1.5.0", {"1", "latest"}),
        ("2.0.0", {"latest"}),
        ("1.4.1", set()),
        ("2.0.0-rc.1", set()),
        ("nightly", set()),
    ],
)
def test_floating_tags_only_move_forward(present: str, kept: set[str]) -> None:
    repository = FakeRepository(tags={present: OTHER, "1.4": OTHER, "1": OTHER, "latest": OTHER})
    found = go(repository)
    assert {name for name, one in found.items() if one.result == "kept"} == kept
    assert {name for name in ("1.4", "1", "latest") if repository.tags[name] == OTHER} == kept
    assert repository.tags["1.4.2"] == JUDGED.digest


class Breaks(FakeRepository):
    """Fails at the n-th write."""

    def __init__(self, after: int, tags: dict[str, Digest]) -> None:
        super().__init__(tags=tags)
        self.after = after

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        if len(self.log) >= self.after:
            raise RegistryError("gone")
        return super().put_tag(manifest, tag)


@pytest.mark.parametrize("after", range(len(RELEASE)))
def test_wherever_it_breaks_latest_is_never_ahead_and_a_rerun_completes(after: int) -> None:
    repository = Breaks(after, {"latest": OTHER})
    with pytest.raises(RegistryError):
        go(repository)
    assert repository.tags["latest"] == OTHER or repository.tags.get("1.4.2") == JUDGED.digest
    repository.after = 99
    go(repository)
    assert set(repository.tags.values()) == {JUDGED.digest}


@pytest.mark.parametrize(
    ("present", "wanted", "named"),
    [
        ({}, [("1.4.2", K.VERSION), ("latest", K.LATEST)], True),
        ({"1.4.2": JUDGED.digest}, [("1.4.2", K.VERSION)], True),
        ({"1.4.3-dev.5": OTHER, "main": OTHER}, [("1.4.3-dev.5", K.SNAPSHOT), ("main", K.BRANCH)], True),
        ({"1.4.3-dev.5": OTHER}, [("1.4.3-dev.5", K.SNAPSHOT)], False),
    ],
    ids=["moved", "already", "only a later tier moved", "every tag kept"],
)
def test_the_image_goes_without_its_candidate_only_once_it_has_a_name(
    present: dict[str, Digest], wanted: list[tuple[str, TagKind]], named: bool
) -> None:
    repository = FakeRepository(tags=present)
    names_then: list[set[str]] = []

    def once_named() -> None:
        names_then.append({name for name, one in repository.tags.items() if one == JUDGED.digest})

    promote(tags(*wanted), JUDGED, repository, FakeNarrator(), once_named=once_named)
    assert [bool(names) for names in names_then] == ([True] if named else [])


class Raced(FakeRepository):
    """Another pipeline releases a higher version right before our own move of `latest`."""

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        if tag.name == "latest" and "1.5.0" not in self.tags:
            self.tags |= {"1.5.0": HIGHER.digest, "latest": HIGHER.digest, "1": HIGHER.digest}
        return super().put_tag(manifest, tag)


HIGHER = manifest("1.5.0")


def test_who_loses_a_race_gives_the_floating_tags_to_the_higher_version() -> None:
    repository = Raced(manifests=[HIGHER])
    found = go(repository)
    assert repository.tags["latest"] == HIGHER.digest
    assert repository.tags["1.4"] == repository.tags["1.4.2"] == JUDGED.digest
    assert (found["latest"].result, found["1.4"].result) == ("kept", "moved")
    assert "1.5.0 is higher" in found["latest"].reason


def test_all_candidates_leave_a_released_image_and_only_that_one() -> None:
    repository = FakeRepository(
        tags={"1.4.2": JUDGED.digest, "candidate-a-1": JUDGED.digest, "candidate-a-2": JUDGED.digest}
        | {"candidate-b-1": OTHER}
    )
    assert retire_candidates(JUDGED.digest, repository, FakeNarrator())
    assert set(repository.tags) == {"1.4.2", "candidate-b-1"}


def test_a_candidate_that_must_stay_is_a_warning_and_no_failure() -> None:
    class Denied(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> None:
            raise AwsRefusedError("AccessDeniedException", "no", "ecr:BatchDeleteImage")

    narrator = FakeNarrator()
    repository = Denied(tags={"1.4.2": JUDGED.digest, "candidate-a-1": JUDGED.digest})
    assert not retire_candidates(JUDGED.digest, repository, narrator)
    assert "ecr:BatchDeleteImage" in narrator.warned[0]


def test_what_was_moved_before_a_failure_is_known() -> None:
    known: list[str] = []
    with pytest.raises(RegistryError):
        promote(
            tags(*RELEASE), JUDGED, Breaks(2, {}), FakeNarrator(),
            on_settled=lambda tag: known.append(tag.tag.name),
        )  # fmt: skip
    assert set(known) == {"sha-0123456789ab", "1.4.2"}


def test_a_dry_run_moves_nothing_and_does_not_claim_to() -> None:
    repository = FakeRepository()
    found = promote(tags(*RELEASE), JUDGED, DryRun(repository, FakeNarrator()), FakeNarrator())
    assert {one.result for one in found} == {"planned"}
    assert repository.log == []


def test_a_line_with_an_affix_floats_on_its_own_versions() -> None:
    lines = [
        ReleaseTag(Tag("1.4.2-alpine"), K.VERSION),
        ReleaseTag(Tag("1.4-alpine"), K.LINE, Line(SEMVER, (1, 4), "1.4.2", suffix="-alpine")),
        ReleaseTag(Tag("latest-alpine"), K.LATEST, Line(SEMVER, (), "1.4.2", suffix="-alpine")),
    ]
    repository = FakeRepository(tags={"1.5.0": OTHER, "1.5.0-alpine": OTHER, "1.4.9": OTHER})
    found = {one.tag.name: one for one in promote(lines, JUDGED, repository, FakeNarrator())}
    assert (found["1.4-alpine"].result, found["latest-alpine"].result) == ("moved", "kept")
    assert found["latest-alpine"].reason == "1.5.0-alpine is higher"


def test_without_a_version_there_is_nothing_to_compare() -> None:
    repository = FakeRepository(tags={"1.5.0": OTHER, "latest": OTHER})
    assert go(repository, "", [("latest", K.LATEST)])["latest"].result == "moved"


def test_a_commits_tag_may_be_taken_from_the_one_image_that_it_replaces() -> None:
    tag = ReleaseTag(Tag("sha-0123456789ab"), K.COMMIT, replaces=OTHER)
    repository = FakeRepository(tags={"sha-0123456789ab": OTHER})
    (became,) = promote([tag], JUDGED, repository, FakeNarrator())
    assert (became.result, repository.tags["sha-0123456789ab"]) == ("moved", JUDGED.digest)
    repository.tags["sha-0123456789ab"] = digest("a third one")
    with pytest.raises(RegistryError, match="sha-0123456789ab"):
        promote([tag], JUDGED, repository, FakeNarrator())


def test_another_branchs_image_keeps_the_tag_and_says_whose_it_is() -> None:
    repository = FakeRepository(tags={"feature-a": OTHER, "main": OTHER})
    wanted = tags(("feature-a", K.BRANCH), ("main", K.BRANCH))
    found = promote(
        wanted, JUDGED, repository, FakeNarrator(),
        claim=lambda tag, now: "which was built from the branch feature/a" if str(tag) == "feature-a" else "",
    )  # fmt: skip
    assert [one.result for one in found] == ["kept", "moved"]
    assert found[0].reason == f"{OTHER.short} has it, which was built from the branch feature/a"
