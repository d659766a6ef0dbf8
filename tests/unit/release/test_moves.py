"""May a tag move to our image, and if not, why not: one line a case."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.release.moves import BeforeBuild, MovesTo, TagMoves
from ecr_push.release.own_image import OwnImage
from ecr_push.release.tag_owner import CurrentOwners
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, BUILT_FROM_LABEL, COMMIT_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import MUTABLE, FakeRepository, digest, manifest
from tests.support.plans import BRANCH_BUILD

K = TagKind
OURS, THEIRS = digest("ours"), manifest("theirs")
HAS_IT = f"{THEIRS.digest.short} has it"
BUILT_FROM = "which was built from the branch"
WAS = f"was {THEIRS.digest.short}"
OWN = OwnImage(BRANCH_BUILD, {BRANCH_LABEL: "main"}, is_release=False)


def tag(name: str, kind: TagKind, version: str = "1.4.2") -> ReleaseTag:
    numbers = SEMVER.line_of(name) or ()
    return ReleaseTag(Tag(name), kind, Line(SEMVER, numbers, version) if kind in (K.LINE, K.LATEST) else None)


def owners(repository: FakeRepository) -> CurrentOwners:
    return CurrentOwners.look_up((), OWN, {}, repository)


MOVES = [
    # tag, its kind, where it points now, the branch of that image, other tags, answer, reason
    ("1.4.2", K.VERSION, None, "", (), "move", ""),
    ("1.4.2", K.VERSION, OURS, "", (), "already", ""),
    ("sha-0123456789ab", K.COMMIT, None, "", (), "move", ""),
    ("sha-0123456789ab", K.MERGE, THEIRS.digest, "", (), "keep", HAS_IT),
    ("1.4.3-dev.5", K.SNAPSHOT, None, "", (), "move", ""),
    ("1.4.3-dev.5", K.SNAPSHOT, OURS, "", (), "already", ""),
    ("1.4.3-dev.5", K.SNAPSHOT, THEIRS.digest, "", (), "keep", HAS_IT),
    ("nightly", K.EXTRA, THEIRS.digest, "feature", ("9.9.9",), "move", WAS),
    ("dirty-0123456789ab", K.DIRTY, THEIRS.digest, "", (), "move", WAS),
    ("main", K.BRANCH, None, "", (), "move", ""),
    ("main", K.BRANCH, THEIRS.digest, "main", (), "move", WAS),
    ("main", K.BRANCH, OURS, "", (), "already", ""),
    ("feature-a", K.BRANCH, THEIRS.digest, "feature/a", (), "keep", f"{HAS_IT}, {BUILT_FROM} feature/a"),
    ("1.4", K.LINE, THEIRS.digest, "", ("1.4.1",), "move", WAS),
    ("1.4", K.LINE, THEIRS.digest, "", ("1.4.3",), "keep", "1.4.3 is higher"),
    ("1.4", K.LINE, THEIRS.digest, "", ("1.5.0",), "move", WAS),
    ("1", K.LINE, None, "", ("1.5.0",), "keep", "1.5.0 is higher"),
    ("latest", K.LATEST, THEIRS.digest, "", ("1.5.0", "2.0.0"), "keep", "2.0.0 is higher"),
    ("latest", K.LATEST, THEIRS.digest, "", ("2.0.0-rc.1",), "move", WAS),
    ("latest", K.LATEST, OURS, "", ("2.0.0",), "already", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "now", "branch", "existing", "verdict", "reason"), MOVES)
def test_whether_a_tag_may_move(
    name: str,
    kind: TagKind,
    now: Digest | None,
    branch: str,
    existing: tuple[str, ...],
    verdict: str,
    reason: str,
) -> None:
    repository = FakeRepository(manifests=[THEIRS], labels={THEIRS.digest: {BRANCH_LABEL: branch}})
    wanted = tag(name, kind)
    points_to = {wanted.tag: now} if now else {}
    moves = MovesTo(OURS, (wanted,), points_to, frozenset(existing), BeforeBuild(OWN, owners(repository)))
    answer = moves.may_move(wanted)
    assert (answer.verdict, answer.reason) == (verdict, reason)


@pytest.mark.parametrize(("at", "verdict"), [(OURS, "move"), (THEIRS.digest, "keep")])
def test_a_higher_version_that_our_own_image_has_holds_nothing_back(at: Digest, verdict: str) -> None:
    """Rules may read 1.4.2 from the git tag v10.1.4.2, and an extra tag may be any version."""
    own, latest = tag("9.9.9", K.VERSION), tag("latest", K.LATEST)
    points_to = {own.tag: at, latest.tag: digest("old")}
    moves = MovesTo(OURS, (own, latest), points_to, frozenset({"9.9.9", "latest"}), None)
    assert moves.may_move(latest).verdict == verdict


BUILT_BY_US = BeforeBuild(OWN, owners(FakeRepository()))


def to_ours(moves: TagMoves, repository: FakeRepository) -> MovesTo:
    return moves.to(OURS, moves.look(repository), repository)


TAKEN = [
    ("1.4.2", K.VERSION, BUILT_BY_US, "taken by another image since this run began: 1.4.2"),
    ("sha-0123456789ab", K.COMMIT, BUILT_BY_US, "since this run began: sha-0123456789ab"),
    ("1.4.2", K.VERSION, None, f"1.4.2 already names {THEIRS.digest.short}"),
    ("sha-0123456789ab", K.COMMIT, None, f"sha-0123456789ab already names {THEIRS.digest.short}"),
]


@pytest.mark.parametrize(("name", "kind", "before", "what"), TAKEN)
def test_a_tag_that_never_moves_and_names_another_image(
    name: str, kind: TagKind, before: BeforeBuild | None, what: str
) -> None:
    repository = FakeRepository(tags={name: THEIRS.digest}, manifests=[THEIRS])
    with pytest.raises(RegistryError) as caught:
        to_ours(TagMoves((tag(name, kind),), before), repository)
    assert what in caught.value.what
    assert caught.value.exit_code == 4
    assert ("run again" in caught.value.remedy) is (before is not None)


def test_a_pull_requests_image_of_our_commit_gives_the_commits_tag_back() -> None:
    labels = {COMMIT_LABEL: BRANCH_BUILD.commit, BUILT_FROM_LABEL: "f" * 40}
    wanted = tag("sha-0123456789ab", K.COMMIT)
    repository = FakeRepository(
        tags={str(wanted): THEIRS.digest}, manifests=[THEIRS], labels={THEIRS.digest: labels}
    )
    moves = to_ours(TagMoves((wanted,), BUILT_BY_US, state=MUTABLE), repository)
    assert moves.may_move(moves.tags[0]).verdict == "move"


def test_the_tags_of_the_repository_are_listed_for_lines_alone() -> None:
    class Unlisted(FakeRepository):
        def tag_names(self) -> frozenset[str]:
            raise RegistryError("AWS refused ecr:ListImages")

    to_ours(TagMoves((tag("1.4.2", K.VERSION), tag("latest", K.LATEST, version=""))), Unlisted())
    with pytest.raises(RegistryError):
        to_ours(TagMoves((tag("latest", K.LATEST),)), Unlisted())
