from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from ecr_push.base.errors import SettingsError, UndecidedError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RegistryImage
from ecr_push.release.images import name_of
from ecr_push.release.tag_history import LOOKED_AT, choose_target, is_in_line, next_mover
from ecr_push.tags.labels import BRANCH_LABEL, INPUTS_LABEL, REVISION_LABEL, VERSION_LABEL
from tests.support.fakes import START, digest


class Images:
    """Images by their tags, each pushed a minute after the one before; which labels were read."""

    def __init__(self, *images: tuple[str, str | None], same_second: bool = False) -> None:
        """Each as its tags, and the branch that we built it from, None for an image that is not ours."""
        self.looked: list[str] = []
        self.all: list[RegistryImage] = []
        self._labels: dict[Digest, Mapping[str, str]] = {}
        for number, (tags, branch) in enumerate(images):
            pushed_at = START + timedelta(minutes=0 if same_second else number)
            self.all.append(RegistryImage(digest(tags), frozenset(tags.split()), pushed_at))
            ours = {INPUTS_LABEL: "0" * 16, REVISION_LABEL: f"{number:040x}", BRANCH_LABEL: branch or ""}
            ours[VERSION_LABEL] = tags.split()[0]
            self._labels[digest(tags)] = {} if branch is None else ours

    def label(self, tags: str, version: str) -> None:
        """Gives the image of these tags another version in its labels."""
        self._labels[digest(tags)] = {**self._labels[digest(tags)], VERSION_LABEL: version}

    def look(self, of: Digest) -> Mapping[str, str]:
        self.looked += [name_of(image) for image in self.all if image.digest == of]
        return self._labels[of]

    def before(self, tag: str) -> str:
        """What tag goes back to: the image's name."""
        return name_of(choose_target(Tag(tag), self.all, self.look).image)

    def notes(self, tag: str) -> tuple[str, ...]:
        return choose_target(Tag(tag), self.all, self.look).notes

    def undecided(self, tag: str) -> UndecidedError:
        with pytest.raises(UndecidedError) as raised:
            choose_target(Tag(tag), self.all, self.look)
        assert raised.value.exit_code == 2
        return raised.value


def test_an_archived_image_is_passed_over() -> None:
    found = Images(("1.4.0", OURS), ("1.4.1", OURS), ("1.4.2 latest", OURS))
    found.all[1] = replace(found.all[1], status="ARCHIVED")
    assert found.before("latest") == "1.4.0"
    assert found.notes("latest") == ("skipped, because they are archived: 1.4.1",)
    assert "1.4.1" not in found.looked
    found.all[0] = replace(found.all[0], status="ACTIVATING")
    why = found.undecided("latest").why
    assert [line.rpartition("  ")[2] for line in why.splitlines()[2:]] == ["archived: restore it first"] * 2
    of_branch = Images(
        ("sha-aaaaaaaaaaaa", "main"), ("sha-bbbbbbbbbbbb", "main"), ("sha-cccccccccccc main", "main")
    )
    of_branch.all[1] = replace(of_branch.all[1], status="ARCHIVED")
    assert of_branch.before("main") == "sha-aaaaaaaaaaaa"


OURS = ""  # built by us, from no branch that we know
RELEASES = [
    *(("1.3.9 1.3", OURS), ("1.4.0", OURS), ("1.4.1 sha-0123456789ab", OURS), ("1.4.2 1.4 1", OURS)),
    *(("2.0.0-rc.1", OURS), ("0.9.0", OURS)),
]


def released(*more: tuple[str, str | None], latest: str = "1.4.2 1.4 1") -> Images:
    return Images(
        *((f"{tags} latest" if tags == latest else tags, ours) for tags, ours in [*RELEASES, *more])
    )


def rebuilt(version: str) -> Images:
    """latest is another build of a version, from other base images."""
    found = Images(("1.0.0", OURS), (version, OURS), ("sha-0123456789ab-0a1b2c3d latest", OURS))
    found.label("sha-0123456789ab-0a1b2c3d latest", version)
    return found


@pytest.mark.parametrize(
    ("images", "tag", "before"),
    [
        (released(), "latest", "1.4.1"),
        (released(), "1.4", "1.4.1"),
        (released(), "1", "1.4.1"),
        (released(("v1 1.2.0", OURS), ("1.1.0", OURS)), "v1", "1.1.0"),
        (released(("1.10.0 1.10", OURS), ("1.9.0", OURS), ("3.0.0", OURS)), "latest", "1.4.1"),
        (released(latest="1.3.9 1.3"), "latest", "0.9.0"),  # a hotfix was the last one
        (released(latest="2.0.0-rc.1"), "latest", "1.4.2"),  # set by hand
        (Images(("1.4.1", OURS), ("1.4.2", OURS), ("1.5.0 1.4", OURS)), "1.4", "1.4.2"),  # by hand too
        (Images(("1.0.0", OURS), ("1.0.1 1.0.2 latest", OURS)), "latest", "1.0.0"),
        (Images(("v1.0.0 1.0.0", OURS), ("1.0.1 latest", OURS)), "latest", "v1.0.0"),
        (rebuilt("1.0.1"), "latest", "1.0.1"),  # to the version that it is another build of
        # Not ours, a refused candidate, an unjudged one: passed over.
        (Images(("1.0.0", OURS), ("1.0.1", None), ("1.0.2 latest", OURS)), "latest", "1.0.0"),
        (Images(("1.0.0", OURS), ("candidate-1-1", OURS), ("1.0.2 latest", OURS)), "latest", "1.0.0"),
        (
            Images(("1.3.0-alpine", OURS), ("1.4.0", OURS), ("1.4.1-alpine latest-alpine", OURS)),
            "latest-alpine",
            "1.3.0-alpine",
        ),
        (
            Images(("1.4.0-alpine", OURS), ("1.4.1-slim", OURS), ("1.4.2-alpine 1.4-alpine", OURS)),
            "1.4-alpine",
            "1.4.0-alpine",
        ),
    ],
)
def test_a_line_goes_back_to_the_next_lower_accepted_version(images: Images, tag: str, before: str) -> None:
    assert images.before(tag) == before


def test_labels_are_read_of_the_images_in_question_alone() -> None:
    images = released()
    images.before("latest")
    assert images.looked == ["1.4.1"]


def test_a_version_that_is_passed_over_is_reported() -> None:
    [note] = Images(("1.0.0", OURS), ("1.0.1", None), ("1.0.2 latest", OURS)).notes("latest")
    assert "1.0.1" in note


def test_a_second_rollback_says_that_it_goes_back_one_more() -> None:
    images = Images(("1.4.0", OURS), ("1.4.1 latest", OURS), ("1.4.2", OURS))
    assert images.before("latest") == "1.4.0"
    [note] = images.notes("latest")
    assert "below 1.4.2" in note
    assert released().notes("latest") == ()


MAIN = [("sha-00000000000a", "main"), ("sha-00000000000b 1.4.3-dev.2", "main")]
NOW = ("sha-00000000000c main", "main")


@pytest.mark.parametrize(
    ("images", "tag", "before"),
    [
        (Images(*MAIN, NOW), "main", "1.4.3-dev.2"),
        (Images(*MAIN, ("sha-00000000000d", "fix"), NOW), "main", "1.4.3-dev.2"),
        (Images(*MAIN, ("sha-00000000000d", None), NOW), "main", "1.4.3-dev.2"),
        (Images(*MAIN, ("candidate-00000000000d-1", "main"), NOW), "main", "1.4.3-dev.2"),
        (Images(*MAIN, ("dirty-00000000000d", "main"), NOW), "main", "1.4.3-dev.2"),
        (Images(*MAIN, NOW, ("sha-00000000000d", "main")), "main", "1.4.3-dev.2"),  # a later one, put back
        (
            Images(("sha-00000000000a", "feature/x"), ("sha-00000000000c feature-x", "feature/x")),
            "feature-x",
            "sha-00000000000a",
        ),
        (Images(MAIN[0], ("1.0.0 stable", "main")), "stable", "sha-00000000000a"),  # there is but one
        # A branch's name that looks like a line with an affix.
        (
            Images(("sha-00000000000a", "1.4-stable"), ("sha-00000000000c 1.4-stable", "1.4-stable")),
            "1.4-stable",
            "sha-00000000000a",
        ),
    ],
)
def test_a_branch_goes_back_to_its_image_before(images: Images, tag: str, before: str) -> None:
    assert images.before(tag) == before


@pytest.mark.parametrize(
    ("images", "tag", "listed", "why"),
    [
        (Images(("1.0.0", OURS), ("1.0.1", None), ("latest", None)), "latest", ["1.0.1", "1.0.0"],
         "no version"),
        (Images(("1.0.0", None), ("1.0.1 latest", OURS)), "latest", ["1.0.0"], "known to be accepted"),
        (Images(("1.0.1 latest", OURS), ("2.0.0", OURS)), "latest", [], "below 1.0.1"),
        (
            Images(("v1.0.0", OURS), ("1.0.0", OURS), ("1.0.1 latest", OURS)),
            "latest",
            ["v1.0.0", "1.0.0"],
            "several images are 1.0.0 and v1.0.0",
        ),
        (Images(*MAIN, ("sha-00000000000c main", "")), "main", ["1.4.3-dev.2", "sha-00000000000a"],
         "its branch"),
        (Images(*MAIN, ("main", None)), "main", ["1.4.3-dev.2", "sha-00000000000a"], "its branch"),
        (Images(*MAIN, NOW, same_second=True), "main", ["sha-00000000000a", "1.4.3-dev.2"], "same second"),
        (Images(MAIN[0], NOW, same_second=True), "main", ["sha-00000000000a"], "same second"),
        (Images(("sha-00000000000d", "fix"), NOW), "main", ["sha-00000000000d"], "no earlier image"),
        (Images(NOW, *MAIN), "main", [], "no earlier image"),
        # After a fast-forward: what feature was before is nothing that main ever was.
        (
            Images(*MAIN, ("sha-00000000000d", "feature"), ("sha-00000000000e main feature", "feature")),
            "main",
            ["sha-00000000000d", "1.4.3-dev.2", "sha-00000000000a"],
            "was built from branch feature",
        ),
        (
            Images(*MAIN, ("1.0.0 stable", "main")),
            "stable",
            ["1.4.3-dev.2", "sha-00000000000a"],
            "not the tag of branch main itself",
        ),
    ],
)  # fmt: skip
def test_an_undecided_rollback_lists_the_images_and_asks(
    images: Images, tag: str, listed: list[str], why: str
) -> None:
    error = images.undecided(tag)
    assert why in error.why
    rows = error.why.splitlines()[1:]
    assert rows[:1] == [row for row in rows if row.split()[0] == "TAG"]
    assert [row.split()[0] for row in rows[1:]] == listed
    assert f"--to {listed[0] if listed else 'TAG_OR_DIGEST'}" in error.remedy


def test_a_list_says_what_a_person_needs_to_pick_one() -> None:
    error = Images(("1.0.0", "main"), ("1.0.1", None), ("latest", OURS)).undecided("latest")
    theirs, ours = error.why.splitlines()[2:]
    for part in ("1.0.0", "2026-01-02 03:04:05Z", f"{0:012x}", "main", digest("1.0.0").short):
        assert f"  {part}" in ours
    assert "judged first" in theirs
    assert "judged first" not in ours


def test_a_long_list_is_cut_and_says_so() -> None:
    error = Images(*((f"1.0.{patch}", OURS) for patch in range(15)), ("latest", None)).undecided("latest")
    assert "… and 5 more" in error.why


def test_the_search_ends_and_says_so() -> None:
    images = Images(*((f"1.0.{patch}", None) for patch in range(LOOKED_AT + 5)), ("1.1.0 latest", OURS))
    assert f"among the last {LOOKED_AT}" in images.undecided("latest").why
    assert len(set(images.looked)) == LOOKED_AT


def test_a_tag_that_is_not_there_is_perhaps_another() -> None:
    with pytest.raises(SettingsError, match="wrong") as raised:
        released().before("lastest")
    assert raised.value.problems == (
        "TAG: there is no tag 'lastest' in the repository; did you mean 'latest'?",
    )


@pytest.mark.parametrize(
    ("tag", "tags", "inside"),
    [
        ("1.4", "1.4.1", True),
        ("1.4", "1.3.9", False),
        ("1", "2.0.0 sha-0123456789ab", False),
        ("latest", "0.1.0", True),
        ("1.4", "sha-0123456789ab", True),
        ("main", "1.4.1", True),
    ],
)
def test_a_line_knows_its_versions(tag: str, tags: str, inside: bool) -> None:
    assert is_in_line(Tag(tag), Images((tags, OURS)).all[0]) is inside


@pytest.mark.parametrize(
    ("images", "tag", "expected"),
    [
        (released(), "latest", "the next release above 1.4.2 moves latest on; a re-run of 1.4.2's pipeline"),
        (released(), "1.4", "the next release above 1.4.2 moves 1.4 on"),
        (Images(("latest", OURS)), "latest", "the first release moves latest on"),
        (Images(NOW), "main", "the next build of branch main moves main on"),
        (Images(("1.0.0 stable", "main")), "stable", "nothing moves stable"),
    ],
)
def test_next_mover_says_what_moves_a_tag_on(images: Images, tag: str, expected: str) -> None:
    assert next_mover(Tag(tag), None, images.all, images.look).startswith(expected)
