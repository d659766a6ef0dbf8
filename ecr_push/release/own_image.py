"""What identifies the image that a run releases, and how it recognises its own kind in the registry. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.source.model import Source
from ecr_push.tags.labels import (
    BRANCH_LABEL,
    BUILT_FROM_LABEL,
    COMMIT_LABEL,
    INPUTS_LABEL,
    bases_in,
    other_bases,
)

Labels = Mapping[str, str]


@dataclass(frozen=True)
class OwnImage:
    """The image that a run builds, or that another tool built for it.

    labels:          those that the build gives it; see `tags.labels`.
    is_release:      whether its version is a release.
    built_elsewhere: `run --image`: the image has none of our labels, and is known by its digest alone.
    digest:          of an image that is known before the run: the index that `run --part` makes, or an OCI
                     layout's.
    rebuild:         the tag that it gets where another build of the commit has the commit's.
    """

    source: Source
    labels: Labels
    is_release: bool
    built_elsewhere: bool = False
    digest: Digest | None = None
    rebuild: Tag | None = None

    @property
    def branch(self) -> str:
        """The branch as the image's labels name it: refs/pull/N for a pull request."""
        return self.labels.get(BRANCH_LABEL, "")

    def is_same_build(self, labels: Labels) -> bool:
        """Whether an image with these labels was built from the same commit with the same inputs."""
        return self.is_same_commit(labels) and labels.get(INPUTS_LABEL) == self.labels[INPUTS_LABEL]

    def is_on_other_bases(self, labels: Labels) -> bool:
        """Whether an image with these labels is another build of the same: from base images that moved."""
        return self.is_same_build(labels) and bool(other_bases(bases_in(self.labels), bases_in(labels)))

    def is_merge_of_commit(self, labels: Labels) -> bool:
        """Whether an image with these labels was built from a pull request's merge of the same commit."""
        return bool(labels.get(BUILT_FROM_LABEL)) and self.is_same_commit(labels)

    def is_same_commit(self, labels: Labels) -> bool:
        return labels.get(COMMIT_LABEL) == self.source.commit
