from __future__ import annotations

from collections.abc import Sequence

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.release.moves import BeforeBuild, TagMoves
from ecr_push.release.own_image import OwnImage
from ecr_push.release.promote import promote
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.release.tag_owner import CurrentOwners
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import FakeClock, FakeNarrator, FakeRecord, FakeRepository, digest, manifest
from tests.support.plans import BRANCH_BUILD

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
CANDIDATE = "candidate-0123456789ab-1"


def tags(*named: tuple[str, TagKind], version: str = "1.4.2") -> list[ReleaseTag]:
    return [ReleaseTag(Tag(name), kind, line(name, kind, version)) for name, kind in named]


def line(name: str, kind: TagKind, version: str) -> Line | None:
    if kind not in (K.LINE, K.LATEST):
        return None
    return Line(SEMVER, SEMVER.line_of(name) or (), version)


def go(
    repository: FakeRepository, version: str = "1.4.2", wanted: Sequence[tuple[str, TagKind]] = RELEASE
) -> dict[str, PromotedTag]:
    return {one.tag.name: one for one in move(tags(*wanted, version=version), repository)}


def move(
    wanted: Sequence[ReleaseTag], repository: RepositoryClient, before: BeforeBuild | None = None
) -> tuple[PromotedTag, ...]:
    moves = TagMoves(tuple(wanted), before)
    return promote(moves, JUDGED, repository, FakeRecord(), FakeNarrator(), FakeClock())


def test_all_tags_move_to_the_judged_image_the_floating_ones_last() -> None:
    repository = FakeRepository(tags={"latest": OTHER, "1.4": OTHER})
    found = go(repository)
    assert {one.result for one in found.values()} == {"moved"}
    assert set(repository.tags.values()) == {JUDGED.digest}
    assert repository.log[:2] == ["sha-0123456789ab", "1.4.2"]
    assert set(repository.log[2:]) == {"extra", "1.4", "1", "latest"}
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


def test_a_snapshot_that_is_taken_is_not_an_error() -> None:
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

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
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
        ({"1.4.3-dev.5": OTHER, "main": OTHER}, [("1.4.3-dev.5", K.SNAPSHOT), ("main", K.BRANCH)], False),
        ({"1.4.3-dev.5": OTHER}, [("1.4.3-dev.5", K.SNAPSHOT)], False),
    ],
    ids=["moved", "already", "only a floating tag moved", "every tag kept"],
)
def test_the_candidate_goes_only_once_the_image_has_a_tag_that_stays(
    present: dict[str, Digest], wanted: list[tuple[str, TagKind]], named: bool
) -> None:
    names_then: list[set[str]] = []

    class Watched(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            names_then.append({name for name, one in self.tags.items() if one == JUDGED.digest} - {CANDIDATE})
            return super().remove_tags(tags)

    record, repository = FakeRecord(), Watched(tags={**present, CANDIDATE: JUDGED.digest})
    moves = TagMoves(tuple(tags(*wanted)))
    promote(moves, JUDGED, repository, record, FakeNarrator(), FakeClock())
    assert [bool(names) for names in names_then] == ([True] if named else [])
    got = any(one.result != "kept" for one in record.tags)
    assert CANDIDATE in repository.tags if not named else CANDIDATE not in repository.tags
    assert record.retired == ([named] if got else [])


class Raced(FakeRepository):
    """Another pipeline releases a higher version right before our own move of `latest`."""

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
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


def test_a_rollback_of_a_release_that_was_read_back_stands() -> None:
    """Where no one decides there is one more look, at the version alone."""

    class RolledBack(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            self.tags["latest"] = OTHER
            return super().remove_tags(tags)

    repository = RolledBack(tags={"1.4.1": OTHER, "latest": OTHER, CANDIDATE: JUDGED.digest})
    go(repository)
    assert (repository.tags["latest"], repository.tags["1.4.2"]) == (OTHER, JUDGED.digest)


def test_what_was_moved_before_a_failure_is_known() -> None:
    record = FakeRecord()
    repository = Breaks(2, {})
    moves = TagMoves(tuple(tags(*RELEASE)))
    with pytest.raises(RegistryError):
        promote(moves, JUDGED, repository, record, FakeNarrator(), FakeClock())
    assert {tag.tag.name for tag in record.tags} == {"sha-0123456789ab", "1.4.2"}


def test_a_dry_run_moves_nothing_and_does_not_claim_to() -> None:
    repository = FakeRepository()
    found = move(tags(*RELEASE), DryRun(repository, FakeNarrator()))
    assert {one.result for one in found} == {"planned"}
    assert repository.log == []


def test_a_line_with_an_affix_floats_on_its_own_versions() -> None:
    lines = [
        ReleaseTag(Tag("1.4.2-alpine"), K.VERSION),
        ReleaseTag(Tag("1.4-alpine"), K.LINE, Line(SEMVER, (1, 4), "1.4.2", suffix="-alpine")),
        ReleaseTag(Tag("latest-alpine"), K.LATEST, Line(SEMVER, (), "1.4.2", suffix="-alpine")),
    ]
    repository = FakeRepository(tags={"1.5.0": OTHER, "1.5.0-alpine": OTHER, "1.4.9": OTHER})
    found = {one.tag.name: one for one in move(lines, repository)}
    assert (found["1.4-alpine"].result, found["latest-alpine"].result) == ("moved", "kept")
    assert found["latest-alpine"].reason == "1.5.0-alpine is higher"


def test_without_a_version_there_is_nothing_to_compare() -> None:
    repository = FakeRepository(tags={"1.5.0": OTHER, "latest": OTHER})
    assert go(repository, "", [("latest", K.LATEST)])["latest"].result == "moved"


def test_a_commits_tag_may_be_taken_from_the_one_image_that_it_replaces() -> None:
    tag = ReleaseTag(Tag("sha-0123456789ab"), K.COMMIT, replaces=OTHER)
    repository = FakeRepository(tags={"sha-0123456789ab": OTHER})
    (became,) = move([tag], repository)
    assert (became.result, repository.tags["sha-0123456789ab"]) == ("moved", JUDGED.digest)
    repository.tags["sha-0123456789ab"] = digest("a third one")
    with pytest.raises(RegistryError, match="sha-0123456789ab"):
        move([tag], repository)


def test_another_branchs_image_keeps_the_tag_and_says_whose_it_is() -> None:
    theirs = manifest("theirs")
    repository = FakeRepository(
        tags={"feature-a": theirs.digest, "main": theirs.digest}, manifests=[theirs],
        labels={theirs.digest: {BRANCH_LABEL: "feature/a"}},
    )  # fmt: skip
    ours = OwnImage(BRANCH_BUILD, {BRANCH_LABEL: "main"}, is_release=False)
    owners = CurrentOwners.look_up((), ours, {}, repository)
    wanted = tags(("feature-a", K.BRANCH), ("main", K.BRANCH))
    found = move(wanted, repository, BeforeBuild(ours, owners))
    assert [one.result for one in found] == ["kept", "moved"]
    assert found[0].reason == f"{theirs.digest.short} has it, which was built from the branch feature/a"


@pytest.mark.parametrize("tiers", range(4))
def test_a_lock_that_was_lost_stops_it_before_the_next_tier(tiers: int) -> None:
    repository, asked = FakeRepository(), iter(range(9))

    def still_held() -> None:
        if next(asked) == tiers:
            raise RegistryError("the lock was lost")

    moves = TagMoves(tuple(tags(*RELEASE)))
    with pytest.raises(RegistryError, match="the lock was lost"):
        promote(moves, JUDGED, repository, FakeRecord(), FakeNarrator(), FakeClock(), still_held)
    assert len(repository.tags) == (0, 0, 1, 2)[tiers]
