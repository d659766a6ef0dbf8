"""What follows the numbers of a version in Semantic Versioning 2.0.0: how it is written and ordered.

Works on names and plain tuples, so that a repository with ten thousand tags is ordered in milliseconds.
"""

from __future__ import annotations

from typing import TypeAlias

# https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string,
# with ASCII digits only: `\d` would also take other scripts' digits.
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
# A pre-release, captured, and build metadata.
SUFFIX = (
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
# File systems allow a ref's last part 255 bytes; longer numbers also overrun Python's int().
LONGEST_NAME = 255

# One pre-release identifier: numbers are below words, and compared as numbers (item 11).
Identifier: TypeAlias = tuple[bool, int, str]


def identifiers(prerelease: str | None) -> tuple[Identifier, ...]:
    """A pre-release's place in the order: `rc.1` before `rc.2`; () where there is none."""
    return () if prerelease is None else tuple(map(_identifier, prerelease.split(".")))


def _identifier(text: str) -> Identifier:
    return (False, int(text), "") if text.isdigit() else (True, 0, text)
