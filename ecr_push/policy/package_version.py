"""Which of two package versions is higher, and ranges of them: `>=1.1.1, <3.0.14`.

One order for all of a policy's ranges: Debian's (deb-version(7)). An epoch, then runs of digits compared as
numbers and the rest as text, letters before other characters, and `~` before everything, even the end.
What other kinds of package write differently is brought into that form first; see `_debian_form`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, total_ordering
from itertools import zip_longest
from typing import TypeAlias

# Texts and numbers by turns. A number is its length and its digits: int() refuses very long ones.
_Run: TypeAlias = tuple[tuple[int, ...], int, str]
_END: _Run = ((0,), 0, "")


@total_ordering
@dataclass(frozen=True, eq=False)
class VersionKey:
    """What sorts versions. Where a part ends, it goes on as nothing and 0: `1.0-0` is `1.0`."""

    epoch: tuple[int, str]
    upstream: tuple[_Run, ...]
    revision: tuple[_Run, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VersionKey) and self._against(other) == 0

    def __lt__(self, other: VersionKey) -> bool:
        return self._against(other) < 0

    def __hash__(self) -> int:
        return hash(self.epoch)

    def _against(self, other: VersionKey) -> int:
        if self.epoch != other.epoch:
            return -1 if self.epoch < other.epoch else 1
        for mine, theirs in ((self.upstream, other.upstream), (self.revision, other.revision)):
            for one, two in zip_longest(mine, theirs, fillvalue=_END):
                if one != two:
                    return -1 if one < two else 1
        return 0


# Inspector's names of managers whose ecosystems order by Semantic Versioning: what follows a `-` is a
# pre-release, what follows a `+` does not count.
_SEMANTIC = frozenset({"NPM", "NODEPKG", "YARN", "CARGO", "GOMOD", "GOBINARY"})
_SYSTEM = frozenset({"", "OS"})  # basic scanning names no manager, and looks at the system's packages
# `1.0rc1`, `1.0-SNAPSHOT`, `2.0.dev3`, and apk's `1.0_rc1`
_PRERELEASE = re.compile(
    r"(?<=\d)[-._]?(?=(?:a|alpha|b|beta|c|rc|cr|pre|preview|dev|m|milestone|snapshot)(?:[\d._-]|$))", re.I
)
_POSTRELEASE = re.compile(r"(?<=\d)[-._]?(?=(?:post|rev|r)\d+)")
_APK_PRERELEASE = re.compile(r"_(?=(?:alpha|beta|pre|rc)\d*(?:[-_]|$))")
_TRAILING_ZEROS = re.compile(r"^(\d+(?:\.\d+)*?)(?:\.0+)+(?![.\d])")
_RUN = re.compile(r"(\D*)(\d*)", re.ASCII)


def version_key(version: str, manager: str = "") -> VersionKey:
    """What sorts versions of one manager's packages; equal keys are equal versions."""
    return _key(_debian_form(version, manager.upper()))


def _debian_form(version: str, manager: str) -> str:
    text = version.strip()
    if manager in _SYSTEM:
        return _APK_PRERELEASE.sub("~", text)
    text = re.sub(r"^[vV](?=\d)", "", text).lower()
    semantic = manager in _SEMANTIC
    text = text.partition("+")[0].replace("-", "~", 1) if semantic else _PRERELEASE.sub("~", text)
    text = text.replace("~dev", "~~dev")  # PEP 440: below every other pre-release
    text = _POSTRELEASE.sub("+", text)  # above its release, below 1.0.1: + comes before .
    return _TRAILING_ZEROS.sub(r"\1", text)


@lru_cache(maxsize=65536)
def _key(text: str) -> VersionKey:
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "", text
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return VersionKey(_number(epoch), _runs(upstream), _runs(revision))


def _runs(text: str) -> tuple[_Run, ...]:
    return tuple(
        ((*map(_order, letters), 0), *_number(digits))
        for letters, digits in _RUN.findall(text)
        if letters or digits
    )


def _number(digits: str) -> tuple[int, str]:
    stripped = digits.lstrip("0")
    return len(stripped), stripped


def _order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isascii() and character.isalpha() else ord(character) + 256


_OPERATORS: dict[str, Callable[[VersionKey, VersionKey], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_BOUND = re.compile(r"(<=|>=|==|!=|<|>|=)?\s*([0-9A-Za-z][0-9A-Za-z.+~:_-]*)")


@dataclass(frozen=True)
class VersionRange:
    """Bounds that must all hold. text is as the user wrote it."""

    text: str
    bounds: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """`<3.0.14`, `>=1.1.1, <3.0.14`, or one exact version. Raises ValueError."""
        bounds = []
        for part in text.split(","):
            matched = _BOUND.fullmatch(part.strip())
            if matched is None:
                raise ValueError(
                    f"{text!r} is no range of versions: expected bounds such as '<3.0.14' or "
                    "'>=1.1.1, <3.0.14', or one version"
                )
            bounds.append((matched[1] or "=", matched[2]))
        return cls(", ".join(part.strip() for part in text.split(",")), tuple(bounds))

    def contains(self, version: str, manager: str = "") -> bool:
        """Whether a package's version is within. manager is Inspector's name, empty for the system's."""
        key = version_key(version, manager)
        return all(_OPERATORS[sign](key, version_key(bound, manager)) for sign, bound in self.bounds)

    def __str__(self) -> str:
        return self.text
