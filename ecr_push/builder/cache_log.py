"""What became of a build's caches, and of its steps: read from BuildKit's plain log, which alone says it.

#5 importing cache manifest from HOST/NAME:TAG
#5 ERROR: HOST/NAME:TAG: not found
#9 [2/3] RUN make
#9 CACHED
#12 preparing build cache for export
#12 ERROR: …
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecr_push.base.log import Narrator
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.cache import BuildCache

_LINE = lazy_regex(r"#(\d+) (.*)")
_READ = lazy_regex(r"importing cache manifest from (\S+)")
_STEP = lazy_regex(r"\[(?!internal\])[^\]]*\d+/\d+\] ")
_WRITE = "preparing build cache for export"  # of whatever kind
# buildx and BuildKit, of a builder that has no such cache; the build has not begun then.
_NOT_SUPPORTED = lazy_regex(r"cache (export|import)", re.IGNORECASE)

# containerd's fetcher, of a blob that a registry does not have, or does not give.
_NOT_FETCHED = lazy_regex(r"httpReadSeeker|could not fetch content descriptor|failed to copy: ")


class CacheLog:
    """Collects, from the lines of one build, what they say of its caches. See `line`."""

    def __init__(self) -> None:
        self._read: dict[str, str] = {}  # the number of a step -> the cache that it reads
        self._writes: set[str] = set()
        self._steps: set[str] = set()
        self._bases: set[str] = set()  # those that fetch a base image
        self._cached: set[str] = set()
        self._errors: dict[str, str] = {}

    def line(self, text: str) -> None:
        """Takes the next line."""
        found = _LINE.match(text)
        if not found:
            return
        number, words = found.groups()
        if read := _READ.match(words):
            self._read[number] = read[1]
        elif words.startswith(_WRITE):
            self._writes.add(number)
        elif step := _STEP.match(words):
            self._steps.add(number)
            if words[step.end() :].startswith("FROM "):
                self._bases.add(number)
        elif words == "CACHED" or (words.startswith("extracting sha256:") and number not in self._bases):
            self._cached.add(number)
        elif words.startswith("ERROR: "):
            self._errors.setdefault(number, words.removeprefix("ERROR: "))

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps of the Dockerfile the build had, and how many of them came from a cache."""
        return len(self._steps), len(self._steps & self._cached)

    @property
    def missing(self) -> tuple[str, ...]:
        """The caches that were not there."""
        return tuple(
            name
            for number, name in self._read.items()
            if self._errors.get(number, "").endswith(f"{name}: not found")
        )

    def tell(self, narrator: Narrator) -> None:
        """Says which caches were not there, and warns of those that could not be read or written."""
        for missing in self.missing:
            narrator.say(f"there is no build cache {missing} yet")
        for warning in self.warnings():
            narrator.warn(warning)

    def warnings(self) -> Iterator[str]:
        """Which caches could not be read or written, and why."""
        for number, name in self._read.items():
            error = self._errors.get(number, "")
            if error and name not in self.missing:
                yield f"the build cache {name} could not be read: {error}"
        for number in sorted(self._writes & self._errors.keys()):
            yield f"the build cache could not be written: {self._errors[number]}"


def less_of(cache: BuildCache, last_error: str) -> BuildCache:
    """What of the cache a build that failed with this error is tried again with; the same where less would
    not help.

    A cache whose layers are gone is read until one of them is needed, which is an error of that step.
    last_error: without `ERROR: `.
    """
    if _NOT_SUPPORTED.search(last_error):
        return BuildCache()
    return cache.without_reading() if _NOT_FETCHED.search(last_error) else cache
