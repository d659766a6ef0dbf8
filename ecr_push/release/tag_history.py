"""Which image a floating tag pointed to before, by what the registry still knows.

ECR keeps no history of tags. So the answer follows from the images: one that ecr-push built has its
label, and its version's or its commit's tag was set only after it was accepted (`promote.py`). An image that
has a candidate's tag alone was refused or never judged, and no tag goes back to it. If more than one image
could be meant, none is chosen: `UndecidedError` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RegistryImage
from ecr_push.release.images import (
    LabelReader,
    accepted,
    find_tagged,
    is_released,
    release_tags,
    undecided,
)
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import BRANCH_LABEL, VERSION_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme

LOOKED_AT = 40  # labels cost two calls an image


@dataclass(frozen=True)
class Choice:
    """The image to go back to. notes: what a user who expected another image should know."""

    image: RegistryImage
    notes: tuple[str, ...] = ()


def choose_target(
    tag: Tag, images: Sequence[RegistryImage], labels_of: LabelReader, scheme: Scheme = SEMVER
) -> Choice:
    """The accepted image that a floating tag goes back to. Pure but for labels_of, which is called for few.

    - `latest`, `1`, `1.4`, `1.4-alpine`: the highest final version of that line below the one that it
      points to now; from another build of a version's commit, to the version itself.
    - A branch's own tag: the image of that branch that was pushed before the one that it points to now.
    - Any other floating tag: its earlier images are unknown. So if there is a single earlier image of the
      same branch, that is the answer; otherwise there is none.

    Raises UndecidedError, with the images that could be meant, and SettingsError if the tag does not exist.
    """
    current = find_tagged(tag, images)
    line = line_of(tag, current, scheme)
    if line:
        return _lower(tag, line, current, images, labels_of)
    return _earlier(tag, current, images, labels_of, scheme)


def tag_before(client: Reader, scheme: Scheme, tag: Tag) -> Digest:
    """The image that a tag pointed to before its present one. Raises UndecidedError."""
    labels_of = cache(lambda digest: client.labels(client.manifest(digest)))
    return choose_target(tag, client.images(), labels_of, scheme).image.digest


def is_in_line(tag: Tag, image: RegistryImage, scheme: Scheme = SEMVER) -> bool:
    """False if tag stands for a line, such as `1.4`, and the image is a version of another line."""
    line = line_of(tag, image, scheme)
    every = Line(scheme, (), suffix=line.suffix if line else "").versions(image.tags)
    return line is None or not every or bool(line.versions(image.tags))


def next_mover(
    tag: Tag,
    after: RegistryImage | None,
    images: Sequence[RegistryImage],
    labels_of: LabelReader,
    scheme: Scheme = SEMVER,
) -> str:
    """What will move the tag on after a rollback, in words. after: the image that it goes back to."""
    current = find_tagged(tag, images)
    if line := line_of(tag, current, scheme):
        ranked = [(rank, name, image) for image in images for rank, name in line.versions(image.tags).items()]
        if not ranked:
            return f"the first release moves {tag} on"
        _, top, image = max(ranked, key=lambda one: one[0])
        again = "" if image == after else f"; a re-run of {top}'s pipeline sets it to {top} again"
        return f"the next release above {top} moves {tag} on{again}"
    branch = labels_of(current.digest).get(BRANCH_LABEL, "")
    if branch and is_slug(tag, branch, scheme):
        return f"the next build of branch {branch} moves {tag} on"
    return f"nothing moves {tag} automatically"


def _cannot_determine(tag: Tag) -> str:
    return f"cannot determine which image {tag} pointed to before"


def _limit(images: Sequence[object]) -> str:
    return f", among the last {LOOKED_AT}" if len(images) > LOOKED_AT else ""


# ------------------------------------------------------------------------- lines of versions


def line_of(tag: Tag, current: RegistryImage, scheme: Scheme) -> Line | None:
    """The line that a tag stands for; `1.4-alpine` stands for one if its image is, say, 1.4.2-alpine."""
    parts = tag.name.split("-")
    for cut in range(len(parts), 0, -1):
        name, suffix = "-".join(parts[:cut]), "".join(f"-{part}" for part in parts[cut:])
        numbers = () if name == "latest" else scheme.line_of(name)
        if numbers is not None:
            line = Line(scheme, numbers, suffix=suffix)
            return line if not suffix or line.versions(current.tags) else None
    return None


def _lower(
    tag: Tag, line: Line, current: RegistryImage, images: Sequence[RegistryImage], labels_of: LabelReader
) -> Choice:
    others = sorted(
        (
            (rank, name, image)
            for image in images
            if image.digest != current.digest
            for rank, name in line.versions(image.tags).items()
        ),
        key=lambda one: one[0],
        reverse=True,
    )
    # A pre-release that someone pointed the tag to by hand, or a version of another line.
    here = line.versions(current.tags) or {
        rank: name for name in current.tags if (rank := line.scheme.rank(line.bare(name))) is not None
    }
    rebuilt = {} if here else _rebuilt(line, current, labels_of)
    if not here and not rebuilt:
        raise undecided(
            _cannot_determine(tag),
            f"the image that it points to now, {current.digest.short}, has no version tag",
            [image for _, _, image in others],
            labels_of,
            line.scheme,
        )
    here = here or rebuilt
    now = max(here)
    above = others[0][1] if others and others[0][0] > now else ""
    notes = [f"{tag} is already below {above}, the highest version: this goes back one more"] if above else []
    lower = [one for one in others if one[0] < now or (rebuilt and one[0] == now)]
    if choice := _highest_accepted(tag, line, lower[:LOOKED_AT], labels_of):
        return Choice(choice.image, (*notes, *choice.notes))
    raise undecided(
        f"there is no image to roll {tag} back to",
        f"no version of its line below {here[now]} is known to be accepted{_limit(lower)}",
        [image for _, _, image in lower],
        labels_of,
        line.scheme,
    )


def _highest_accepted(
    tag: Tag, line: Line, lower: Sequence[tuple[Any, str, RegistryImage]], labels_of: LabelReader
) -> Choice | None:
    """The first accepted image; lower has ranks, versions and images, the highest rank first.

    Raises UndecidedError where several have its rank.
    """
    skipped: list[str] = []
    archived: list[str] = []
    for _, group in groupby(lower, key=lambda one: one[0]):
        same = {image.digest: (name, image) for _, name, image in group}
        found = [
            image
            for _, image in same.values()
            if image.can_be_pulled and accepted(image, labels_of(image.digest), line.scheme)
        ]
        if len(found) > 1:
            why = f"several images are {' and '.join(sorted(name for name, _ in same.values()))}"
            raise undecided(_cannot_determine(tag), why, found, labels_of, line.scheme)
        if found:
            notes = {"ecr-push did not build them": skipped, "they are archived": archived}
            return Choice(
                found[0],
                tuple(f"skipped, because {why}: {', '.join(names)}" for why, names in notes.items() if names),
            )
        skipped += [name for name, image in same.values() if image.can_be_pulled]
        archived += [name for name, image in same.values() if not image.can_be_pulled]
    return None


def _rebuilt(line: Line, current: RegistryImage, labels_of: LabelReader) -> Mapping[Any, str]:
    """The version that an image is another build of, by its rank; none for any other image."""
    if not any(tag.kind is TagKind.REBUILD for tag in release_tags(current, line.scheme)):
        return {}
    return line.versions([labels_of(current.digest).get(VERSION_LABEL, "")])


# ------------------------------------------------------------------------- branches


def _earlier(
    tag: Tag, current: RegistryImage, images: Sequence[RegistryImage], labels_of: LabelReader, scheme: Scheme
) -> Choice:
    earlier = sorted(
        (
            image
            for image in images
            if image.digest != current.digest
            and image.pushed_at <= current.pushed_at
            and is_released(image, scheme)
            and image.can_be_pulled
        ),
        key=lambda image: image.pushed_at,
        reverse=True,
    )
    unknown = _cannot_determine(tag)
    branch = labels_of(current.digest).get(BRANCH_LABEL, "")
    if not branch:
        why = f"the image that it points to now, {current.digest.short}, does not name its branch"
        raise undecided(unknown, why, earlier, labels_of, scheme)

    def of_branch(some: Iterable[RegistryImage]) -> list[RegistryImage]:
        labelled = ((image, labels_of(image.digest)) for image in some)
        return [
            image
            for image, labels in labelled
            if accepted(image, labels, scheme) and labels.get(BRANCH_LABEL) == branch
        ]

    own = is_slug(tag, branch, scheme)
    others = (labels_of(image.digest).get(BRANCH_LABEL, "") for image in earlier[:LOOKED_AT])
    if not own and any(is_slug(tag, other, scheme) for other in others if other):
        why = f"the image that it points to now, {current.digest.short}, was built from branch {branch}"
        raise undecided(unknown, why, earlier, labels_of, scheme)
    for pushed_at, group in groupby(earlier[:LOOKED_AT], key=lambda image: image.pushed_at if own else None):
        found = of_branch(group)
        if len(found) == 1 and (pushed_at != current.pushed_at) and (own or len(earlier) <= LOOKED_AT):
            return Choice(found[0])
        if found:
            why = (
                "they were pushed within the same second"
                if own
                else f"it is not the tag of branch {branch} itself, so not every build moved it"
            )
            raise undecided(unknown, why, found, labels_of, scheme)
    raise undecided(
        f"there is no image to roll {tag} back to",
        f"no earlier image of branch {branch} is known to be accepted{_limit(earlier)}",
        earlier,
        labels_of,
        scheme,
    )


def is_slug(tag: Tag, branch: str, scheme: Scheme) -> bool:
    """Whether the tag is the branch's own, also if another branch has taken the plain one."""
    return tag in (
        branch_slug(branch, scheme=scheme),
        branch_slug(branch, [branch.replace("/", "-")], scheme),
    )
