"""The semantic version that follows from the source: Source -> Version. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from semver import Version as SemanticVersion

from ecr_push import precedence
from ecr_push.source import Source

# What precedes the first release: https://semver.org, "How should I deal with revisions in the
# 0.y.z initial development phase?", starts at 0.1.0.
_FIRST = SemanticVersion(0, 1, 0)
_CHANNEL = "dev"


@dataclass(frozen=True)
class Version:
    """The version of what is built, and how it was found.

    semver:     may carry build metadata (`+dirty`); image tags leave it out, labels keep it.
    is_release: a clean checkout of a commit that carries a release tag; a tagged pre-release is one too.
    git_tag:    the release tag that the version comes from, "" where there is none.
    distance:   commits since that tag.
    why:        a sentence for the user, without a full stop.
    """

    semver: SemanticVersion
    is_release: bool
    git_tag: str
    distance: int
    dirty: bool
    why: str

    @property
    def is_final(self) -> bool:
        """A release, and no pre-release: only such a version may move floating tags."""
        return self.is_release and self.semver.prerelease is None

    @property
    def text(self) -> str:
        """The version without build metadata, which an image tag cannot hold (`+`)."""
        return str(self.semver.replace(build=None))

    def __str__(self) -> str:
        return str(self.semver)


def derive_version(source: Source) -> Version:
    """The version of a source.

    | the checkout                          | version              | release |
    |---------------------------------------|----------------------|---------|
    | on v1.4.2                             | 1.4.2                | yes     |
    | on v1.5.0-rc.1 and v1.5.0             | 1.5.0                | yes     |
    | on v1.5.0-rc.1                        | 1.5.0-rc.1           | yes     |
    | 5 commits after v1.4.2                | 1.4.3-dev.5          | no      |
    | 3 commits after v1.5.0-rc.1           | 1.5.0-rc.1.dev.3     | no      |
    | 3 commits after v1.5.0-beta           | 1.5.0-beta.0.dev.3   | no      |
    | commit 7 of a history with no release | 0.1.0-dev.7          | no      |
    | on v1.4.2, dirty                      | 1.4.3-dev.0+dirty    | no      |

    Each sorts above the release that it follows and below the next one. `beta.0.dev.3`: what ends in
    no number gets one, since `beta.dev.3` would sort above a coming `beta.1`.
    """
    here = precedence.highest(source.tags)
    if here and not source.dirty:
        return Version(_parse(here), True, here, 0, False, f"{here} is tagged on this commit")
    base, distance = (here, 0) if here else (source.nearest, source.distance)
    semver = _after(base, distance)
    why = f"{_commits(distance)} after {base}" if base else f"no release tag among {_commits(distance)}"
    if source.dirty:
        semver = semver.replace(build="dirty")
        why += f", and the checkout is changed ({_some(source.dirty)}): never a release"
    return Version(semver, False, base, distance, bool(source.dirty), why)


def _parse(tag: str) -> SemanticVersion:
    return SemanticVersion.parse(tag.removeprefix("v"))


def _after(tag: str, distance: int) -> SemanticVersion:
    """The pre-release that stands distance commits after a release tag."""
    if not tag:
        return _FIRST.replace(prerelease=f"{_CHANNEL}.{distance}")
    last = _parse(tag)
    if last.prerelease is None:
        return last.bump_patch().replace(prerelease=f"{_CHANNEL}.{distance}")
    stem = last.prerelease if last.prerelease[-1].isdigit() else f"{last.prerelease}.0"
    return last.replace(prerelease=f"{stem}.{_CHANNEL}.{distance}", build=None)


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"


def _some(paths: tuple[str, ...], shown: int = 3) -> str:
    rest = len(paths) - shown
    return ", ".join(paths[:shown]) + (f" and {rest} more" if rest > 0 else "")
