"""Entries of a policy by what they name, so that many findings are compared with few of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ecr_push.policy.finding_pattern import FindingPattern, packages_of
from ecr_push.scan.findings import Finding

_SHOWN = 3  # names of packages in a message


class EntryIndex:
    """Positions of entries by the vulnerability or package that they name, in order."""

    def __init__(self, entries: Iterable[tuple[str, str, int]]) -> None:
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_package: defaultdict[str, list[int]] = defaultdict(list)
        self._others: list[int] = []
        self._size = 0
        for vulnerability, package, at in entries:
            self._size = max(self._size, at + 1)
            if vulnerability:
                self._by_name[vulnerability].append(at)
            elif package:
                self._by_package[package].append(at)
            else:
                self._others.append(at)

    def of(self, names: Iterable[str], package: str) -> list[int]:
        """Returns the entries that may match: by one of the names, by the package, or without either."""
        found = {at for name in names for at in self._by_name.get(name, ())}
        found.update(self._by_package.get(package, ()))
        found.update(self._others)
        return sorted(found)

    def all(self) -> Iterable[int]:
        return range(self._size)


class NearMisses:
    """Entries that do not apply to a finding because the package's name differs in capital letters alone.

    A package's name is compared as the scanner reports it, and PyYAML and pyyaml are two names. A user who
    wrote one of them for the other should learn of it.
    """

    def __init__(self, entries: Sequence[tuple[str, FindingPattern]]) -> None:
        """entries: each with what it is called in a message."""
        self._entries = entries
        self._by_package: defaultdict[str, list[int]] = defaultdict(list)
        self._seen: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for at, (_, what) in enumerate(entries):
            if what.package:
                self._by_package[what.package.casefold()].append(at)

    def look(self, names: Collection[str], finding: Finding, platform: str) -> None:
        for package in packages_of(finding):
            for at in self._by_package.get(package.name.casefold(), ()):
                what = self._entries[at][1]
                if what.package != package.name and replace(what, package=package.name).covers(
                    names, package, platform
                ):
                    self._seen[at][package.name] = None

    def texts(self) -> Iterable[str]:
        for at, found in sorted(self._seen.items()):
            shown = ", ".join([*list(found)[:_SHOWN], *(["…"] if len(found) > _SHOWN else [])])
            yield (
                f"{self._entries[at][0]} does not apply to the package {shown}: names are compared with "
                "their capital letters"
            )
