"""The version of what is built: the noun."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.versions.options import Strategy
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Number, Scheme


@dataclass(frozen=True)
class Version:
    """The version of what is built, and how it was found.

    number:      None where the commit has no version. Its build metadata (`+dirty`) is left out of image
                 tags, and kept in the label.
    is_release:  a clean checkout of a version that was tagged, stated or is released by this run; a
                 pre-release can be one too.
    git_tag:     the release tag that the version comes from, "" where there is none.
    distance:    commits since that tag.
    why:         a sentence for the user, without a full stop.
    new_git_tag: the git tag that this run creates once the image is promoted, "" for none.
    strategy:    the one that was chosen; a tag on the commit may have come first.
    """

    number: Number | None
    is_release: bool
    git_tag: str
    distance: int
    dirty: bool
    why: str
    scheme: Scheme = SEMVER
    new_git_tag: str = ""
    strategy: Strategy = "describe"

    @property
    def is_final(self) -> bool:
        """A release, and no pre-release: only such a version may move floating tags."""
        return self.is_release and self.number is not None and self.number.is_final

    @property
    def text(self) -> str:
        """The version without build metadata, which an image tag cannot hold (`+`). "" for none."""
        return self.number.text if self.number else ""

    def __str__(self) -> str:
        return self.number.full if self.number else ""
