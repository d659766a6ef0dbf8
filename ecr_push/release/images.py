"""The registry's images by the names that people use, and whether they were accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timezone

from ecr_push.base.errors import SettingsError, UndecidedError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.suggest import did_you_mean
from ecr_push.registry.interface import RegistryImage
from ecr_push.tags.kinds import ReleaseTag, TagKind, classify
from ecr_push.tags.labels import BRANCH_LABEL, COMMIT_LABEL, INPUTS_LABEL, REVISION_LABEL, VERSION_LABEL
from ecr_push.tags.temporary import is_temporary, reserved
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme, highest

SHOWN = 10  # labels cost two calls an image
_SHORT_COMMIT = 7  # digits that every commit's tag has at least

LabelReader = Callable[[Digest], Mapping[str, str]]  # an image's labels


def find_tagged(
    tag: Tag, images: Sequence[RegistryImage], what: str = "TAG", repository: Repository | None = None
) -> RegistryImage:
    """The image that a tag points to. Raises SettingsError; what names the argument."""
    for image in images:
        if tag.name in image.tags:
            return image
    known = {name for image in images for name in image.tags if not is_temporary(name)}
    hint = did_you_mean(tag.name, known)
    if repository is None:
        raise SettingsError([f"{what}: there is no tag {tag.name!r} in the repository{hint}"])
    public = repository.registry.kind == "public"
    name = repository.name.partition("/")[2] if public else repository.name
    ask = "ecr-public describe-images --region us-east-1" if public else "ecr list-images"
    raise SettingsError(
        [f"{what}: there is no tag {tag.name!r} in the repository {repository.name}{hint}"],
        remedy=f"choose one of its tags: `aws {ask} --repository-name {name}` lists them",
    )


def accepted(image: RegistryImage, labels: Mapping[str, str], scheme: Scheme = SEMVER) -> bool:
    """Whether ecr-push built this image and released it: then it was judged, and accepted.

    The tags of an image that was built elsewhere, `run --image` too, prove nothing: anyone can set tags. And
    an image that was built on one of ours has its labels, but no tag of the version or commit that they name.
    """
    final = (tag.tag.name for tag in release_tags(image, scheme) if tag.protected)
    return INPUTS_LABEL in labels and any(_names(tag, labels) for tag in final)


def _names(tag: str, labels: Mapping[str, str]) -> bool:
    """Whether a tag is of the version or the commit that the labels name, affixes aside."""
    version, commit = labels.get(VERSION_LABEL, "").partition("+")[0], labels.get(COMMIT_LABEL, "")
    whole = rf"(?<![0-9.]){re.escape(version)}(?![0-9A-Za-z.])"
    return bool(version and re.search(whole, tag)) or bool(commit and commit[:_SHORT_COMMIT] in tag)


def name_of(image: RegistryImage, scheme: Scheme = SEMVER) -> str:
    """The name of an image: its highest version, else its commit's tag; empty if it has neither."""
    return name_among(image.tags, scheme)


def name_among(tags: Iterable[str], scheme: Scheme = SEMVER) -> str:
    """The name of an image that has these tags; see `name_of`."""
    ours = _classed(tags, scheme)
    commit = next((tag.tag.name for tag in ours if tag.kind in (TagKind.COMMIT, TagKind.REBUILD)), "")
    return highest(scheme, (tag.tag.name for tag in ours)) or commit


def rebuilt_version(image: RegistryImage, labels_of: LabelReader, scheme: Scheme = SEMVER) -> str:
    """The version that the labels of another build of a commit name, whose first build has the version's tag.

    "" for an image of any other kind, whose labels are not read.
    """
    tags = release_tags(image, scheme)
    if highest(scheme, (tag.tag.name for tag in tags)) or all(
        tag.kind is not TagKind.REBUILD for tag in tags
    ):
        return ""
    return labels_of(image.digest).get(VERSION_LABEL, "").partition("+")[0]


def release_tags(image: RegistryImage, scheme: Scheme = SEMVER) -> list[ReleaseTag]:
    """The image's tags, each classed by what it claims to be, without reserved ones such as candidates'."""
    return _classed(image.tags, scheme)


def _classed(tags: Iterable[str], scheme: Scheme) -> list[ReleaseTag]:
    return classify(sorted(name for name in tags if not reserved(name)), "", scheme)


def is_released(image: RegistryImage, scheme: Scheme = SEMVER) -> bool:
    """Whether the image has a tag that never moves and is set only after it was accepted."""
    return any(tag.protected for tag in release_tags(image, scheme))


def undecided(
    what: str, why: str, images: Sequence[RegistryImage], labels_of: LabelReader, scheme: Scheme = SEMVER
) -> UndecidedError:
    """The error that lists the images, each under a name that --to takes."""
    unique = list({image.digest: image for image in images}.values())
    if not unique:
        return UndecidedError(what, why=why, remedy="name the image: --to TAG_OR_DIGEST")
    rows = [
        ("TAG", "PUSHED", "COMMIT", "BRANCH", "DIGEST", ""),
        *(
            _row(image, labels_of(image.digest) if image.can_be_pulled else {}, scheme)
            for image in unique[:SHOWN]
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if len(unique) > SHOWN:
        table.append(f"  … and {len(unique) - SHOWN} more")
    return UndecidedError(
        what, why="\n".join([why, *table]), remedy=f"choose one of them, such as --to {rows[1][0]}"
    )


def _row(image: RegistryImage, labels: Mapping[str, str], scheme: Scheme) -> tuple[str, ...]:
    return (
        name_of(image, scheme),
        f"{image.pushed_at.astimezone(timezone.utc):%Y-%m-%d %H:%M:%SZ}",
        labels.get(REVISION_LABEL, "")[:12] or "-",
        labels.get(BRANCH_LABEL) or "-",
        image.digest.short,
        _remark(image, labels, scheme),
    )


def _remark(image: RegistryImage, labels: Mapping[str, str], scheme: Scheme) -> str:
    if not image.can_be_pulled:
        return "archived: restore it first"
    return "" if accepted(image, labels, scheme) else "not known to be accepted: will be judged first"
