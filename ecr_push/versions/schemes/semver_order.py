"""Which of two versions is higher: Semantic Versioning 2.0.0, item 11, on tag names.

Works on names and plain tuples, so that a repository with ten thousand tags is ordered in
milliseconds. Pre-releases are ordered, but never count as "the highest release".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

# https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string,
# with an optional `v` and ASCII digits only: `\d` would also take other scripts' digits.
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
# What may follow a version's numbers: a pre-release, captured, and build metadata.
SUFFIX = (
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_RELEASE_TAG = re.compile(rf"v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*){SUFFIX}")
# File systems allow a ref's last part 255 bytes; longer numbers also overrun Python's int().
LONGEST_NAME = 255

# One pre-release identifier: numbers are below words, and compared as numbers.
Identifier: TypeAlias = tuple[bool, int, str]
# major, minor, patch, final, pre-release identifiers. Tuples compare as item 11 demands.
Rank: TypeAlias = tuple[int, int, int, bool, tuple[Identifier, ...]]


def rank(name: str) -> Rank | None:
    """Where a tag name stands in the order of versions, or None when it is no full semantic version.

    `v1.4.2` and `1.4.2` are equal, and so are versions that differ in build metadata alone.
    """
    match = _RELEASE_TAG.fullmatch(name) if len(name) <= LONGEST_NAME else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    return int(major), int(minor), int(patch), prerelease is None, identifiers(prerelease)


def identifiers(prerelease: str | None) -> tuple[Identifier, ...]:
    """A pre-release's place in the order: `rc.1` before `rc.2`; () where there is none."""
    return () if prerelease is None else tuple(map(_identifier, prerelease.split(".")))


def _identifier(text: str) -> Identifier:
    return (False, int(text), "") if text.isdigit() else (True, 0, text)


def is_release_tag(name: str) -> bool:
    """Whether a tag name is a full semantic version, with or without `v`: `v1.4.2`, `1.5.0-rc.1`."""
    return len(name) <= LONGEST_NAME and _RELEASE_TAG.fullmatch(name) is not None


def is_final(name: str) -> bool:
    """Whether a tag name is a full version and no pre-release."""
    position = rank(name)
    return position is not None and position[3]


def highest(names: Iterable[str]) -> str:
    """The highest version among names, pre-releases counted in; other names are passed over.

    Equal versions (`v1.4.2` and `1.4.2`) are told apart by name, so that the answer never depends
    on the order of the question. Empty when there is none.
    """
    ranked = ((position, name) for name in names if (position := rank(name)) is not None)
    return max(ranked, default=(None, ""))[1]


def highest_final(names: Iterable[str], line: tuple[int, ...] = ()) -> str:
    """The highest final version of a line: () is all, (1,) is 1.x.y, (1, 4) is 1.4.x. Empty if none."""
    ranked = (
        (position, name)
        for name in names
        if (position := rank(name)) is not None and position[3] and position[: len(line)] == line
    )
    return max(ranked, default=(None, ""))[1]
