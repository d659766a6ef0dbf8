"""The sections of CHANGELOG.md, as Keep a Changelog has them: https://keepachangelog.com/en/1.1.0/."""

from __future__ import annotations

import re

HOME = "https://github.com/ecr-push/ecr-push"
_LINKS = re.compile(r"(?:\n\[[^]]+\]: \S+)+\Z")
UNRELEASED = "## [Unreleased]"
_SECTION = re.compile(r"^## \[(?P<name>[^]]+)\].*\n(?P<text>(?:(?!## |\[[^]]+\]: ).*\n?)*)", re.M)


def section(changelog: str, name: str) -> str | None:
    """The text below the heading of a version, or of `Unreleased`; None without such a heading."""
    for found in _SECTION.finditer(changelog):
        if found["name"] == name:
            return found["text"].strip()
    return None


def is_empty(text: str) -> bool:
    """Whether a section names no change: headings alone are none."""
    return not re.search(r"^(?!#)\S", text, re.M)


def released(changelog: str, version: str, date: str) -> str:
    """The changelog after a release: what was unreleased is the version's, and its heading is a link."""
    changelog = changelog.replace(f"{UNRELEASED}\n", f"{UNRELEASED}\n\n## [{version}] - {date}\n", 1)
    older = re.sub(r"^\[Unreleased\]: .*\n", "", changelog, flags=re.M).rstrip("\n")
    text, links = _LINKS.sub("", older).rstrip("\n"), "".join(_LINKS.findall(older))
    return (
        f"{text}\n\n[Unreleased]: {HOME}/compare/v{version}...HEAD\n"
        f"[{version}]: {HOME}/releases/tag/v{version}{links}\n"
    )
