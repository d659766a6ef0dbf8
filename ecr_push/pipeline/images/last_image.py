"""The last image of each that the registry has from this history: one call a repository, one walk in git.

An accepted image has the tag of its commit. Going back along first parents, the first commit that has such a
tag is the one that the image is compared with: a run that failed, or was left out, loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import field
from functools import partial

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.pipeline.images.wanted import Wanted
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader
from ecr_push.registry.options import target_of
from ecr_push.registry.target import RepositoryTarget
from ecr_push.source.git.compare import Step, first_parents
from ecr_push.source.head import Head
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.kinds import claimed
from ecr_push.tags.labels import COMMIT_LABEL, REVISION_LABEL
from ecr_push.tags.temporary import is_temporary
from ecr_push.versions.schemes.choice import SEMVER

# Of the first build of a commit, and of others from base images that have moved since.
_OF_COMMIT = lazy_regex(r"sha-([0-9a-f]{7,64})(?:-[0-9a-f]{8})?")
_AT_ONCE = 32

OpenRepository = Callable[[RepositoryTarget], Reader]


@dataclass(frozen=True)
class Registered:
    """What the registry has for an image.

    tags:      all of the repository, each with the image that it names.
    by_commit: tags by the digits of the commit that their images are made from, one for each build of it.
    """

    tags: Mapping[str, Digest] = field(default_factory=dict)
    by_commit: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class Last:
    """The last image. step: the commit that it is made from.

    tags: one that it has. Of several builds of the commit the one that the floating tags name counts; where
          they leave it open, each has its tag.
    """

    step: Step
    tags: tuple[str, ...]

    @property
    def tag(self) -> str:
        return self.tags[0]


def registered(wanted: Sequence[Wanted], head: Head, open_repository: OpenRepository) -> list[Registered]:
    """Of each what its repository has. Raises RegistryError."""
    ask = [
        # Where several share it, the tag of a commit, or `latest`, may be that of another one.
        Registered
        if one.shares
        else partial(_registered, head, partial(open_repository, target_of(one.settings.registry)))
        for one in wanted
    ]
    return background.all_of(ask, "list tags", _AT_ONCE)


def last_images(found: Sequence[Registered], head: Head) -> list[Last | None]:
    """The last image of each; None where the registry has none from this history."""
    waiting: dict[str, list[int]] = {}
    for at, one in enumerate(found):
        for digits in one.by_commit or ():
            waiting.setdefault(digits, []).append(at)
    lengths = sorted({len(digits) for digits in waiting})
    left = {at for several in waiting.values() for at in several}
    last: list[Last | None] = [None] * len(found)
    if not left:
        return last
    with closing(first_parents(head.git, head.built.id)) as steps:
        for step in steps:
            # A pull request's merge commit is named after the request's own head.
            names = {step.commit, head.commit} if step.commit == head.built.id else {step.commit}
            here: dict[int, list[str]] = {}
            for digits in dict.fromkeys(name[:length] for name in names for length in lengths):
                for at in waiting.get(digits, ()):
                    if at in left:
                        here.setdefault(at, []).extend((found[at].by_commit or {})[digits])
            for at, tags in here.items():
                left.discard(at)
                last[at] = Last(step, tuple(tags) if len(tags) == 1 else _that_count(found[at].tags, tags))
            if not left:
                break
    return last


def newest(tags: Sequence[str], client: Reader) -> str:
    """The one of these tags whose image was pushed last. Raises RegistryError."""
    pushed = {tag: image.pushed_at for image in client.images() for tag in tags if tag in image.tags}
    return max(pushed, key=pushed.__getitem__, default=tags[0])


def _registered(head: Head, open_client: Callable[[], Reader]) -> Registered:
    client = open_client()
    try:
        tags = client.tagged()
    except AwsRefusedError as refused:
        if refused.code == "RepositoryNotFoundException":
            return Registered()
        raise
    by_commit: dict[str, list[str]] = {}
    for tag in tags:
        if found := _OF_COMMIT.fullmatch(tag):
            by_commit.setdefault(found[1], []).append(tag)
    if not by_commit and tags:
        by_commit = _by_label(head, tags, client)
    return Registered(tags, by_commit)


def _that_count(has: Mapping[str, Digest], tags: Sequence[str]) -> tuple[str, ...]:
    """Of several builds of a commit those that the floating tags name; all where none does."""
    builds = {has[tag] for tag in tags}
    others = [Tag(name) for name, of in has.items() if of in builds and not is_temporary(name)]
    floating = {has[tag.name] for tag in others if claimed(tag, "", SEMVER).floating}
    named = {has[tag]: tag for tag in sorted(tags) if not floating or has[tag] in floating}
    return tuple(named.values())


def _by_label(head: Head, tags: Mapping[str, Digest], client: Reader) -> dict[str, list[str]]:
    """The same of a repository whose tags name no commit, as those of rules: by the labels of its newest."""
    names = ["latest", *([branch_slug(head.branch).name] if head.branch else [])]
    digests = client.digests([Tag(name) for name in names if name in tags])
    found = {}
    for tag, digest in digests.items():
        labels = client.labels(client.manifest(digest))
        commit = labels.get(COMMIT_LABEL) or labels.get(REVISION_LABEL, "")
        if re.fullmatch(r"[0-9a-f]{40,64}", commit):
            found[commit] = [tag.name]
    return found
