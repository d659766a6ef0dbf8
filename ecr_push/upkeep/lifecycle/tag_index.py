"""Which images have a tag that matches a pattern, without a look at every tag for every pattern. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import takewhile

from ecr_push.upkeep.lifecycle.model import Rule


class TagIndex:
    """The tags of images, which are numbered by their place."""

    def __init__(self, tags: Sequence[Iterable[str]]) -> None:
        self._places: dict[str, list[int]] = {}
        for place, names in enumerate(tags):
            for name in names:
                self._places.setdefault(name, []).append(place)
        self._sorted = sorted(self._places)

    def selected(self, rule: Rule) -> set[int]:
        """The images of a rule for tagged ones: every pattern matches some tag of the image, and every prefix
        begins one."""
        found = [self._matching(pattern) for pattern in rule.patterns]
        found += [self._places_of(self._beginning(prefix)) for prefix in rule.prefixes]
        return set.intersection(*found)

    def _matching(self, pattern: str) -> set[int]:
        """ECR knows one wildcard, and a pattern is matched by a whole tag: `*` any text, an empty one too."""
        begin, star, rest = pattern.partition("*")
        if not star:
            return set(self._places.get(pattern, ()))
        names = self._beginning(begin)
        if rest:
            matches = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL).fullmatch
            names = filter(matches, names)
        return self._places_of(names)

    def _beginning(self, prefix: str) -> Iterable[str]:
        names = self._sorted
        first = bisect_left(names, prefix)
        return takewhile(lambda name: name.startswith(prefix), (names[n] for n in range(first, len(names))))

    def _places_of(self, names: Iterable[str]) -> set[int]:
        return {place for name in names for place in self._places[name]}
