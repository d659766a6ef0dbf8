"""Text -> the version that `type=semver` or `type=pep440` reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.tags.metadata_action.mistakes import JS_SPACE
from ecr_push.tags.metadata_action.template import Function

# node-semver's limits: MAX_LENGTH, and JavaScript's largest exact integer.
_LONGEST = 256
_LARGEST = 2**53 - 1


@dataclass(frozen=True)
class ReadVersion:
    """A version, and the values of the expressions of a rule's pattern.

    raw:           the text that it was read from.
    version:       the whole version in normal form.
    rendered:      the value of `{{version}}`: version except for PEP 440's local part (see `read_pep440`).
    release:       its release numbers: (1, 4, 2).
    is_whole_only: the whole version replaces any pattern: of pre-releases, and PEP 440's post and dev ones.
    """

    raw: str
    version: str
    rendered: str
    release: tuple[int, ...]
    is_prerelease: bool
    is_whole_only: bool
    prerelease: str = ""
    build: str = ""

    @property
    def functions(self) -> Mapping[str, Function]:
        numbers = (*self.release, 0, 0)
        return {
            "raw": lambda: self.raw,
            "version": lambda: self.rendered,
            "major": lambda: str(numbers[0]),
            "minor": lambda: str(numbers[1]),
            "patch": lambda: str(numbers[2]),
            "prerelease": lambda: self.prerelease.replace(".", ","),
            "build": lambda: self.build.replace(".", ","),
        }


def read_semver(text: str) -> ReadVersion | None:
    """Reads a version that node-semver accepts: with an optional leading `v` and surrounding white space."""
    bare = text.strip(JS_SPACE).removeprefix("v")
    # The library also takes other scripts' digits.
    if len(text) > _LONGEST or not bare.isascii() or not bare[:1].isdigit():
        return None
    from semver import Version

    try:
        read = Version.parse(bare)
    except ValueError:
        return None
    release = (read.major, read.minor, read.patch)
    if max(release) > _LARGEST:
        return None
    prerelease = read.prerelease or ""
    version = str(read.replace(build=None))
    return ReadVersion(
        text, version, version, release, bool(prerelease), bool(prerelease), prerelease, read.build or ""
    )


def read_pep440(text: str) -> ReadVersion | None:
    """Reads a version of PEP 440, without surrounding white space.

    In `rendered` the parts of a local version are separated by commas, as in @renovate/pep440: the tag of
    1.0+ubuntu.1 has always been `1.0-ubuntu-1`.
    """
    if not text.isascii() or text != text.strip() or not text.strip("vV")[:1].isdigit():
        return None
    from packaging.version import InvalidVersion, Version  # costs 3 ms, for this type alone

    try:
        version = Version(text)
    except (InvalidVersion, ValueError):  # ValueError: more digits than Python turns into a number
        return None
    whole = str(version)
    public, plus, local = whole.partition("+")
    return ReadVersion(
        raw=text,
        version=whole,
        rendered=f"{public}{plus}{local.replace('.', ',')}",
        release=version.release,
        is_prerelease=version.is_prerelease,
        is_whole_only=version.is_prerelease or version.is_postrelease,
    )


def is_prerelease(text: str) -> bool:
    """Whether a git tag, without a leading `v`, is a pre-release of either standard."""
    version = read_semver(text) or read_pep440(text)
    return version is not None and version.is_prerelease
