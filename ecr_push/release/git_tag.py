"""The git tag of a version that this run releases: looked up before the build, set after promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.log import Narrator
from ecr_push.source.model import Source
from ecr_push.versions.version import Version

if TYPE_CHECKING:
    from ecr_push.source.git.tag import Tagged


@dataclass(frozen=True)
class GitTag:
    """A git tag that is on the remote now: pushed by this run, or there before, on the same commit."""

    name: str
    commit: str
    result: Tagged


def check_release(source: Source, version: Version) -> None:
    """Raises ConflictError if the version's git tag is on another commit. Asks the remote."""
    if version.new_git_tag:
        from ecr_push.source.git.tag import check_git_tag

        check_git_tag(source.git, version.new_git_tag, source.commit)


def release(source: Source, version: Version, image: str, narrator: Narrator) -> GitTag | None:
    """Creates and pushes the git tag, which names the image; None if this run releases nothing.

    Raises GitTagError if the remote refuses it: the image is promoted all the same, and a second
    run completes this one.
    """
    name, commit = version.new_git_tag, source.commit
    if not name:
        return None
    from ecr_push.source.git.tag import release_tag

    message = f"Release {version}\n\nImage: {image}"
    tag = GitTag(name, commit, release_tag(source.git, name, commit, message))
    narrator.say(f"git tag {name} {'is on the remote already' if tag.result == 'already' else 'pushed'}")
    return tag
