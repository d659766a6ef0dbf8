"""Python's versions: https://peps.python.org/pep-0440/, read and normalised by `packaging`.

The local part (`+ubuntu.1`) is to us what build metadata is to Semantic Versioning: a label keeps it, but
it neither counts in the order nor stands in a tag, which can hold no `+`.

A single number is PEP 440's too, and no version here: `1` is a line's tag, and the commit `1234567` would be
the highest version of all.

A tag can hold no epoch's `!` either: `1!2.0` is the tag `epoch1-2.0`, which nothing else in PEP 440 can be.
Versions with an epoch have no floating lines: `2.0` stays with the versions that came without one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.schemes.scheme import LONGEST_TAG, Level, Number, check_way
from ecr_push.versions.schemes.semver_suffix import LONGEST_NAME

if TYPE_CHECKING:
    from packaging.version import Version

# The names that packaging is spared: plain finals, and what cannot be a version at all.
_PLAIN = lazy_regex(r"v?([0-9]+(?:\.[0-9]+)+)")
_EPOCH = lazy_regex(r"epoch([1-9][0-9]*)-([0-9]+\.[0-9][0-9A-Za-z.+_-]*)")
_CANDIDATE = lazy_regex(r"v?((?:[0-9]+!)?[0-9]+\.[0-9][0-9A-Za-z.+_-]*)")
_LINE = lazy_regex(r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?")

# A developmental release of a final version is below its alphas.
_DEV_ALONE, _NO_PRERELEASE = -1, 3
_PHASES = {"a": 0, "b": 1, "rc": 2}
_CHANNELS = {"a": "a", "alpha": "a", "b": "b", "beta": "b", "rc": "rc", "dev": ".dev"}
_LINE_NUMBERS = 2


@dataclass(frozen=True)
class Pep440:
    """A rank: epoch, numbers without zeros at the end (1.4 is 1.4.0), phase and its number, post, dev."""

    name: str = "pep440"

    def rank(self, name: str) -> tuple[Any, ...] | None:
        if len(name) <= LONGEST_TAG and (plain := _PLAIN.fullmatch(name)):
            return _rank_of(0, tuple(map(int, plain[1].split("."))))
        version = _parse(name)
        return None if version is None else _rank(version)

    def read(self, name: str) -> Number | None:
        version = _parse(name)
        return None if version is None else _number(version)

    def in_line(self, rank: tuple[Any, ...], line: tuple[int, ...]) -> bool:
        epoch, release, phase, _, _, no_dev, _ = rank
        if phase != _NO_PRERELEASE or not no_dev:
            return False
        filled = release + (0,) * (len(line) - len(release))
        return not line or (epoch == 0 and filled[: len(line)] == line)

    def lines(self, number: Number) -> tuple[tuple[int, ...], ...]:
        """At most (major, minor) and (major,). `1.4` may be a line of one project and a version of another.

        So a project that releases 1.4 before 1.4.1 must keep the tag `1.4` for its version: a line
        whose text is a release's gets no tag (see `tags/kinds.py`).
        """
        if not number.is_final or number.rank[0]:
            return ()
        sizes = range(min(_LINE_NUMBERS, len(number.release) - 1), 0, -1)
        return tuple(line for size in sizes if (line := number.release[:size]) != (0,))

    def line_text(self, number: Number, line: tuple[int, ...]) -> str:
        return ".".join(map(str, line))

    def line_of(self, name: str) -> tuple[int, ...] | None:
        """Names of one or two numbers, though two are a version too: ask `rank` first."""
        match = _LINE.fullmatch(name) if len(name) <= LONGEST_TAG else None
        return tuple(int(number) for number in match.groups() if number is not None) if match else None

    def first(self, day: date) -> Number:
        return _made("0.1.0")

    def bump(self, number: Number, level: Level, day: date) -> Number:
        version = _version(number)
        epoch = f"{version.epoch}!" if version.epoch else ""
        index = ("major", "minor", "patch").index(level)
        numbers = [*version.release, *[0] * (index + 1 - len(version.release))]
        if not number.is_final:
            if version.pre is None and version.post is not None:
                if level == "patch":
                    return _made(f"{version.base_version}.post{version.post}")
            elif level == "patch" or not any(numbers[index + 1 :]):
                return _made(version.base_version)
        numbers = [*numbers[:index], numbers[index] + 1, *[0] * (len(numbers) - index - 1)]
        return _made(epoch + ".".join(map(str, numbers)))

    def coming(self, number: Number, level: Level, day: date) -> Number:
        return self.bump(number, level, day)

    def snapshot(
        self, base: Number | None, target: Number, channel: str, distance: int, build: str = ""
    ) -> Number:
        """1.4.3.dev5 after 1.4.2 (1.4.3rc5 in channel rc), and 1.5.0rc2.dev3 after 1.5.0rc1.

        The latter whatever the channel: of all that PEP 440 can say, only a developmental release of
        rc2 is between rc1 and rc2. After 1.5.0.dev3 nothing is, and only .dev0 can be followed, by
        .dev1; so we raise ValueError there.
        """
        check_way(base, target, distance)
        phase = _phase(channel)
        if base is not None and not base.is_final and _same(base, target):
            text = _after(_version(base), distance)
        else:
            text = f"{_version(target).public}{phase}{distance}"
        return _made(text + (f"+{build}" if build else ""))

    def numbered(self, target: Number, channel: str, count: int) -> Number:
        check_way(None, target, count)
        return _made(f"{_version(target).public}{_phase(channel)}{count}")


def _after(base: Version, distance: int) -> str:
    """The developmental release that is distance commits after a pre-release, and below the next one."""
    stem = base.base_version
    if base.pre is not None:
        letter, count = base.pre
        next_one = base.post is None and base.dev is None
        stem += f"{letter}{count + next_one}"
    if base.post is not None:
        stem += f".post{base.post + (base.dev is None)}"
    if base.dev:
        raise ValueError(
            f"PEP 440 has no version between {base.public} and the next .dev, so commits after it cannot be "
            f"numbered; tag a pre-release, such as {base.base_version}a1, or a .dev0"
        )
    return f"{stem}.dev{distance}"


def _same(base: Number, target: Number) -> bool:
    """Whether a pre-release is one of target's: the same epoch and numbers."""
    return base.rank[:2] == target.rank[:2]


def _phase(channel: str) -> str:
    if channel not in _CHANNELS:
        raise ValueError(f"{channel!r} is not a pre-release of PEP 440: expected {', '.join(_CHANNELS)}")
    return _CHANNELS[channel]


def _made(text: str) -> Number:
    version = _parse(text)
    if version is None:
        raise ValueError(f"{text!r} is not a version of PEP 440, or is too long for an image tag")
    return _number(version)


def _parse(name: str) -> Version | None:
    match = _CANDIDATE.fullmatch(name) or _EPOCH.fullmatch(name) if len(name) <= LONGEST_NAME else None
    if match is None:
        return None
    from packaging.version import InvalidVersion, Version

    try:
        version = Version("!".join(match.groups()))
    except InvalidVersion:
        return None
    # Normalising may lengthen: 1.0c becomes 1.0rc0.
    return version if len(name) < LONGEST_TAG // 2 or len(_text(version)) <= LONGEST_TAG else None


def _version(number: Number) -> Version:
    from packaging.version import Version

    return Version(number.full)


def _number(version: Version) -> Number:
    return Number(
        rank=_rank(version),
        release=version.release,
        is_final=not version.is_prerelease,
        text=_text(version),
        full=str(version),
    )


def _text(version: Version) -> str:
    if not version.epoch:
        return version.public
    return f"epoch{version.epoch}-{version.public.partition('!')[2]}"


def _rank(version: Version) -> tuple[Any, ...]:
    return _rank_of(version.epoch, version.release, version.pre, version.post, version.dev)


def _rank_of(
    epoch: int,
    release: tuple[int, ...],
    pre: tuple[str, int] | None = None,
    post: int | None = None,
    dev: int | None = None,
) -> tuple[Any, ...]:
    while release and not release[-1]:
        release = release[:-1]
    if pre is not None:
        phase, count = _PHASES[pre[0]], pre[1]
    else:
        phase, count = _DEV_ALONE if post is None and dev is not None else _NO_PRERELEASE, 0
    return epoch, release, phase, count, -1 if post is None else post, dev is None, dev or 0
