"""The lines of the pages and examples that are copied into a project, and name the version that it gets.

On main they name its last release: the commit of the next one rewrites them. A pre-release leaves them as
they are, since no one gets it without asking for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from semver import Version

# What stands before a version, and how many of its numbers a reader copies.
PLACES: Mapping[str, int] = {
    "uses: ecr-push/ecr-push@v": 1,
    "@Library('ecr-push@v": 3,
    "COMMIT: v": 3,
    "ToolCommit=v": 3,
    "ecr-push==": 3,
    "ecr-push[sandbox]==": 3,
    "ecr-push@": 3,  # uvx ecr-push@1.2.3
    "ghcr.io/ecr-push/ecr-push:": 3,
    "--branch v": 3,  # git clone
    "https://github.com/ecr-push/ecr-push 'v": 3,  # git ls-remote
}
_NUMBERS = r"(?P<numbers>\d+(?:\.\d+){0,2})(?![\w-]|\.\d)"
_BEFORE_THE_FIRST = re.compile(
    r"<!-- until the first release: begin -->\n.*?<!-- until the first release: end -->\n\n?", re.S
)
_PATTERNS = ("README.md", "docs/*.md", "examples/**/*", "codebuild/*", "jenkins/vars/*")


def documents(root: Path) -> list[Path]:
    found = {path for pattern in _PATTERNS for path in root.glob(pattern) if path.is_file()}
    return sorted(found)


def named_versions(text: str) -> Iterator[tuple[str, str, int]]:
    """What stands before each version, the version, and how many of its numbers there should be."""
    for before, count in PLACES.items():
        for found in re.finditer(rf"(?<![\w/]){re.escape(before)}{_NUMBERS}", text):
            yield before, found["numbers"], count


def released(text: str, version: Version) -> str:
    """A document as it is from a release on."""
    text = _BEFORE_THE_FIRST.sub("", text)
    for before, count in PLACES.items():
        numbers = ".".join(map(str, version.to_tuple()[:count]))
        text = re.sub(rf"(?<![\w/]){re.escape(before)}{_NUMBERS}", lambda _: before + numbers, text)  # noqa: B023
    return text
