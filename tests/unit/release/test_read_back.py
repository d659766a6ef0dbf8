"""What a run says of tags that are not where it put them: lost, moved on, or never moved at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.oci import Manifest
from ecr_push.release.lost import LostError
from ecr_push.release.moves import BeforeBuild, TagMoves
from ecr_push.release.own_image import OwnImage
from ecr_push.release.promote import promote
from ecr_push.release.tag_owner import CurrentOwners
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, COMMIT_LABEL, CREATED_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import FakeClock, FakeNarrator, FakeRecord, FakeRepository, manifest
from tests.support.plans import SOURCE

K = TagKind
OURS, THEIRS, THIRD, OLD = (manifest(name) for name in ("ours", "theirs", "third", "old"))
SHA, CANDIDATE = "sha-0123456789ab", "candidate-0123456789ab-1"
OWN = OwnImage(SOURCE, {}, is_release=True)
ALL = dict.fromkeys([SHA, "1.4.2", "1.4", "1", "latest"], OURS.digest)


def tag(name: str, kind: TagKind) -> ReleaseTag:
    numbers = SEMVER.line_of(name) or ()
    return ReleaseTag(Tag(name), kind, Line(SEMVER, numbers, "1.4.2") if kind in (K.LINE, K.LATEST) else None)


RELEASE = (
    tag(SHA, K.COMMIT),
    tag("1.4.2", K.VERSION),
    tag("1.4", K.LINE),
    tag("1", K.LINE),
    tag("latest", K.LATEST),
)
Act = Callable[[dict[str, Digest]], object]


def sets(**tags: Digest) -> Act:
    return lambda found: found.update({name.replace("_", "."): one for name, one in tags.items()})


class Shared(FakeRepository):
    """A repository where nothing decides. Others act once right after a tag was put: after[tag](tags)."""

    def __init__(
        self, after: Mapping[str, Act] | None = None, lies: tuple[str, ...] = (), **tags: Digest
    ) -> None:
        super().__init__(
            tags={CANDIDATE: OURS.digest, **{name.replace("_", "."): one for name, one in tags.items()}},
            manifests=[OURS, THEIRS, THIRD, OLD],
            labels={THEIRS.digest: {COMMIT_LABEL: "f" * 40}},
        )
        self.after = dict(after or {})
        self.lies = lies

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        if tag.name in self.lies:
            self.log.append(tag.name)
            return True
        done = super().put_tag(manifest, tag)
        if act := self.after.pop(tag.name, None):
            act(self.tags)
        return done

    @property
    def released(self) -> dict[str, Digest]:
        return {name: one for name, one in self.tags.items() if name != CANDIDATE}


def go(
    repository: FakeRepository, tags: tuple[ReleaseTag, ...] = RELEASE
) -> tuple[dict[str, str], FakeRecord]:
    record = FakeRecord()
    before = BeforeBuild(OWN, CurrentOwners.look_up((), OWN, {}, repository))
    moves = TagMoves(tags, before, state=repository.state)
    try:
        promote(moves, OURS, repository, record, FakeNarrator(), FakeClock())
    finally:
        results = {one.tag.name: one.result for one in record.tags}
    return results, record


def lose(repository: FakeRepository) -> LostError:
    with pytest.raises(LostError) as caught:
        go(repository)
    assert caught.value.exit_code == 4
    return caught.value


def test_tags_that_are_where_they_were_put_are_read_once_more_and_that_is_all() -> None:
    repository = Shared()
    go(repository)
    assert repository.released == ALL
    put = [name for name in repository.log if not name.startswith("-")]
    assert put[:2] == [SHA, "1.4.2"] and sorted(put) == sorted(ALL)  # those that float at the same time


def test_who_is_overtaken_right_before_its_own_move_sees_it_there() -> None:
    class Overtaking(Shared):
        def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
            if [str(tag) for tag in tags] == ["1.4.2"]:  # the look beside the move of the commit's tag
                self.tags["1.4.2"] = THEIRS.digest
            return super().digests(tags)

    repository = Overtaking()
    lost = lose(repository)
    assert repository.tags == {"1.4.2": THEIRS.digest, CANDIDATE: OURS.digest}
    for part in (OURS.digest.short, THEIRS.digest.short, "ffffffffffff", SOURCE.short):
        assert part in lost.why


@pytest.mark.parametrize("when", ["1.4.2", "1.4", "1", "latest"])
def test_who_loses_the_version_gives_its_floating_tags_to_the_versions_image(when: str) -> None:
    repository = Shared({when: sets(**{"1_4_2": THEIRS.digest})})
    lost = lose(repository)
    assert repository.released == dict.fromkeys(["1.4.2", "1.4", "1", "latest"], THEIRS.digest)
    assert repository.tags[CANDIDATE] == OURS.digest  # it stays for inspection
    puts = [name for name in repository.log if not name.startswith("-")]
    assert puts[-1] == "latest" and puts.index("latest") < len(puts) - 1
    assert "1.4.2" in lost.what


def test_a_higher_version_of_our_own_is_not_another_release() -> None:
    repository = Shared(latest=OLD.digest)
    tags = (*RELEASE, ReleaseTag(Tag("9.9.9"), K.VERSION))
    results, _ = go(repository, tags)
    assert set(results.values()) == {"moved"}
    assert repository.released == {**ALL, "9.9.9": OURS.digest}


def test_what_others_set_is_not_touched_by_a_loser() -> None:
    repository = Shared(
        {"latest": sets(**{"1_4_2": THEIRS.digest, "latest": THIRD.digest, "1": THEIRS.digest})}
    )
    lose(repository)
    assert (repository.tags["latest"], repository.tags["1"]) == (THIRD.digest, THEIRS.digest)
    assert repository.tags["1.4"] == THEIRS.digest


def test_a_loser_follows_the_version_while_a_third_one_takes_it() -> None:
    class Twice(Shared):
        def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
            if manifest == THEIRS and tag.name == "1.4":
                self.tags["1.4.2"] = THIRD.digest
            return super().put_tag(manifest, tag)

    repository = Twice({"latest": sets(**{"1_4_2": THEIRS.digest})})
    lose(repository)
    assert repository.released == dict.fromkeys(["1.4.2", "1.4", "1", "latest"], THIRD.digest)


def test_a_loser_gives_a_line_to_the_highest_version_of_it() -> None:
    repository = Shared({"latest": sets(**{"1_4_2": THEIRS.digest, "1_5_0": THIRD.digest})})
    lose(repository)
    assert {repository.tags[name] for name in ("1", "latest")} == {THIRD.digest}
    assert repository.tags["1.4"] == THEIRS.digest


def test_the_winner_takes_its_floating_tags_from_a_loser_that_died() -> None:
    repository = Shared({"latest": sets(**{"latest": THEIRS.digest, "1_4": THEIRS.digest})})
    results, _ = go(repository)
    assert repository.released == ALL
    assert set(results.values()) == {"moved"}


def test_a_floating_tag_that_a_rollback_moved_meanwhile_goes_to_the_newer_release_which_says_so() -> None:
    repository = Shared({"latest": sets(latest=OLD.digest)}, latest=THIRD.digest)
    _, record = go(repository)
    assert repository.released == ALL
    assert repository.log.count("latest") == 2
    last = record.tags[-1]
    assert (last.tag.name, last.result) == ("latest", "moved")
    assert last.reason == f"again: it was moved to {OLD.digest.short} meanwhile, and the newer release has it"


@pytest.mark.parametrize(
    ("branch", "created", "kept"),
    [("main", "2026-01-01", False), ("main", "2026-01-02", True), ("other", "2026-01-01", True)],
)
def test_a_branchs_tag_that_a_rollback_moved_meanwhile_goes_to_the_newer_build(
    branch: str, created: str, kept: bool
) -> None:
    repository = Shared({"main": sets(main=OLD.digest)}, main=THIRD.digest)
    repository._labels[OLD.digest] = {BRANCH_LABEL: branch, CREATED_LABEL: created}
    own = replace(OWN, labels={BRANCH_LABEL: "main", CREATED_LABEL: "2026-01-02"})
    before = BeforeBuild(own, CurrentOwners.look_up((), own, {}, repository))
    moves = TagMoves((tag(SHA, K.COMMIT), tag("main", K.BRANCH)), before, state=repository.state)
    ended = promote(moves, OURS, repository, FakeRecord(), FakeNarrator(), FakeClock())
    assert [one.result for one in ended] == ["moved", "kept" if kept else "moved"]
    assert repository.tags["main"] == (OLD if kept else OURS).digest


def test_a_branch_tag_that_another_run_moved_on_does_not_fail() -> None:
    tags = (tag(SHA, K.COMMIT), tag("main", K.BRANCH))
    repository = Shared({"main": sets(main=THEIRS.digest)}, main=OLD.digest)
    results, record = go(repository, tags)
    assert results == {SHA: "moved", "main": "kept"}
    assert record.tags[-1].reason == f"{THEIRS.digest.short} was put there meanwhile"


def test_a_snapshot_that_another_run_got_does_not_fail() -> None:
    repository = Shared({"main": sets(**{"1_4_3-dev_5": THEIRS.digest})})
    tags = (tag(SHA, K.COMMIT), tag("1.4.3-dev.5", K.SNAPSHOT), tag("main", K.BRANCH))
    assert go(repository, tags)[0] == {SHA: "moved", "1.4.3-dev.5": "kept", "main": "moved"}


@pytest.mark.parametrize("name", [SHA, "1.4.2", "1.4", "latest", "main", "stable"])
@pytest.mark.parametrize("was", [None, OLD.digest])
def test_an_answer_that_was_not_true_is_an_error(name: str, was: Digest | None) -> None:
    if was and name in (SHA, "1.4.2"):
        return  # such a tag never moves away from an image
    tags = (*RELEASE, tag("main", K.BRANCH), tag("stable", K.EXTRA))
    repository = Shared(lies=(name,))
    repository.tags |= {name: was} if was else {}
    with pytest.raises(RegistryError, match=f"not moved, though ECR said so: {name}") as caught:
        go(repository, tags)
    assert caught.value.exit_code == 4
    assert (was.short if was else "does not exist") in caught.value.why


def test_an_answer_that_is_older_than_the_put_is_asked_for_again() -> None:
    class Late(Shared):
        stale = 3

        def digests(self, tags: object) -> Mapping[Tag, Digest]:
            found = super().digests(tags)  # type: ignore[arg-type]
            if "latest" in self.log and self.stale:
                self.stale -= 1
                return {name: one for name, one in found.items() if name.name != "latest"}
            return found

    repository = Late()
    assert set(go(repository)[0].values()) == {"moved"}
    assert repository.log.count("latest") == 1


def test_two_images_of_one_commit_end_with_the_commits_tag_on_the_versions_image() -> None:
    repository = Shared({"latest": sets(**{SHA: THEIRS.digest})})
    assert set(go(repository)[0].values()) == {"moved"}
    assert repository.released == ALL
    repository = Shared({"latest": sets(**{"1_4_2": THEIRS.digest})})
    repository._labels[THEIRS.digest] = {COMMIT_LABEL: SOURCE.commit}
    assert "run again" in lose(repository).remedy
    assert repository.released == dict.fromkeys(ALL, THEIRS.digest)
