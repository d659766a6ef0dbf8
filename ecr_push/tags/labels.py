"""The image's labels and annotations: Source + Version + RepositoryFacts -> texts. Pure.

Keys: https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from datetime import datetime, timezone

from ecr_push.base.reference import Digest
from ecr_push.ci.facts import RepositoryFacts
from ecr_push.source.model import Source
from ecr_push.versions.version import Version

_PREFIX = "org.opencontainers.image."
CREATED_LABEL = f"{_PREFIX}created"
VERSION_LABEL = f"{_PREFIX}version"
REVISION_LABEL = f"{_PREFIX}revision"
_STANDARD = frozenset(
    f"{_PREFIX}{key}"
    for key in (
        *("authors", "base.digest", "base.name", "created", "description", "documentation", "licenses"),
        *("ref.name", "revision", "source", "title", "url", "vendor", "version"),
    )
)
# What the computed labels say of the build, and not of the program: a Dockerfile cannot know it better.
_OF_THE_BUILD = frozenset({CREATED_LABEL, VERSION_LABEL, REVISION_LABEL, f"{_PREFIX}source"})
# ecr-push's own labels. What an image's content depends on besides the commit:
INPUTS_LABEL = "ecr-push.build-inputs"
# The commit, whatever the label `revision` was set to:
COMMIT_LABEL = "ecr-push.commit"
# The branch that it was built from, refs/pull/N of a pull request: which branch a tag belongs to.
BRANCH_LABEL = "ecr-push.branch"
# The images that it was built from, each by its digest, as far as they are known: `bases_text`.
BASES_LABEL = "ecr-push.bases"
# The platform for which the builder builds unless asked, of a build that named none; else empty.
BUILDER_PLATFORM_LABEL = "ecr-push.builder-platform"
# The merge commit that a pull request's image was built from; the commit is the request's own.
BUILT_FROM_LABEL = "ecr-push.built-from"


def image_labels(
    source: Source,
    version: Version,
    repository: RepositoryFacts,
    *,
    title: str = "",
    created: datetime | None = None,
    milliseconds: bool = False,
) -> dict[str, str]:
    """The computed labels, in the order of their keys; what is unknown is left out.

    title:   by default the repository's name as the CI says, the last part of the source's address, or
             the root folder's name.
    created: by default the commit's time, not the build's: the same commit gives the same labels, and
             an image that did not change keeps its digest. Must know its time zone.
    milliseconds: created has them, as docker/metadata-action's has.

    Neither URL has credentials. `version` keeps the build metadata that an image tag cannot hold.
    `ref.name` is not set: the specification reserves it for descriptors in an index.
    """
    home = source.remote_url or repository.url
    moment = (created or source.committed_at).astimezone(timezone.utc)
    labels = {
        "created": moment.isoformat(timespec="milliseconds" if milliseconds else "seconds").replace(
            "+00:00", "Z"
        ),
        "description": repository.description,
        "licenses": repository.licenses,
        "revision": source.commit,
        "source": home,
        "title": title or repository.title or home.rpartition("/")[2] or source.root.name,
        "url": home,
        "version": str(version),
    }
    return {f"{_PREFIX}{key}": value for key, value in labels.items() if value}


def with_dockerfile_labels(
    computed: Mapping[str, str], given: Mapping[str, str], dockerfile: Collection[str], *, as_peer: bool
) -> dict[str, str]:
    """The labels that the build sets, so that each standard one is the image's own and none its base image's.

    A builder can give a label a value, but not take an inherited one away: one that is unknown is set to be
    empty. A Dockerfile's own LABEL is kept, unless it is of the build.

    given:      by the user; they win over everything.
    dockerfile: the keys that the Dockerfile sets.
    as_peer:    docker/metadata-action's labels, where they are known, win over the Dockerfile's.
    """
    kept = frozenset() if as_peer else frozenset(dockerfile) - _OF_THE_BUILD
    labels = {key: value for key, value in computed.items() if key not in kept} | dict(given)
    return labels | dict.fromkeys(sorted(_STANDARD - labels.keys() - frozenset(dockerfile)), "")


def own_labels(source: Source) -> dict[str, str]:
    """The labels that ecr-push reads from images in the registry: see their names above.

    All of them, the empty ones too: an image inherits the labels of its base, which ecr-push may have built.
    """
    return {
        COMMIT_LABEL: source.commit,
        BRANCH_LABEL: f"refs/pull/{source.pull_request}" if source.pull_request else source.branch,
        BUILT_FROM_LABEL: source.built_from if source.is_merge else "",
        BUILDER_PLATFORM_LABEL: "",  # known to the build alone
        BASES_LABEL: "",
    }


def bases_text(bases: Mapping[str, Digest]) -> str:
    """The label's value: `NAME@DIGEST` of each, with blanks between them; the same for the same images."""
    return " ".join(f"{name}@{digest}" for name, digest in sorted(bases.items()))


def bases_in(labels: Mapping[str, str]) -> Mapping[str, Digest]:
    """The images that an image with these labels was built from, by name; what is not valid is left out."""
    found = {}
    for one in labels.get(BASES_LABEL, "").split():
        name, _, digest = one.rpartition("@")
        with contextlib.suppress(ValueError):
            found[name] = Digest(digest)
    return found


def other_bases(ours: Mapping[str, Digest], theirs: Mapping[str, Digest]) -> tuple[str, ...]:
    """The names whose digests differ. One that is not known of both is not held against either."""
    return tuple(name for name, digest in ours.items() if theirs.get(name, digest) != digest)
