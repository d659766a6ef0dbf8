"""Which update fixes most: Rows -> Updates. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecr_push.findings import Package
from ecr_push.report.html_rows import Row
from ecr_push.verdict import Treatment

_NAMED = 3
_SET_ASIDE = (Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.OUT_OF_SCOPE)
_PackageKey = tuple[str, str]  # manager and name


@dataclass(frozen=True)
class Update:
    """Packages that are updated together, and the findings that this ends.

    fixes counts findings, refusing those of them that refuse. target is the highest version that one of
    them asks for.
    """

    packages: tuple[str, ...]
    installed: tuple[str, ...]
    target: str
    fixes: int
    refusing: int

    @property
    def now(self) -> str:
        return some(self.installed)

    @property
    def name(self) -> str:
        return some(self.packages)


def find_updates(rows: Sequence[Row]) -> list[Update]:
    """Which update fixes most: first what refuses, then in all.

    Packages that share a finding and the version that fixes it, such as a library and its tools from one
    source, are one update. A finding that needs several updates counts for each of them.
    """
    hopeful = [row for row in rows if row.treatment not in _SET_ASIDE]
    together: dict[_PackageKey, _PackageKey] = {}
    for row in hopeful:
        firsts: dict[tuple[str, str], _PackageKey] = {}
        for one in row.packages:
            if one.fixed_in:
                key = (one.manager, one.name)
                first = firsts.setdefault((one.manager, one.fixed_in), key)
                together[_leader(together, key)] = _leader(together, first)
    fixed: dict[_PackageKey, dict[int, Row]] = {}
    members: dict[_PackageKey, dict[Package, None]] = {}
    for number, row in enumerate(hopeful):
        for one in row.packages:
            if one.fixed_in:
                leader = _leader(together, (one.manager, one.name))
                fixed.setdefault(leader, {})[number] = row
                members.setdefault(leader, {})[one] = None
    updates = [
        Update(
            tuple(sorted({one.name for one in members[leader]})),
            tuple(sorted({one.version for one in members[leader] if one.version}, key=_natural)),
            max((one.fixed_in for one in members[leader]), key=_natural),
            len(found),
            sum(row.refuses for row in found.values()),
        )
        for leader, found in fixed.items()
    ]
    return sorted(updates, key=lambda one: (-one.refusing, -one.fixes, one.packages))


def _leader(together: dict[_PackageKey, _PackageKey], key: _PackageKey) -> _PackageKey:
    """The package that stands for all that are updated together with key."""
    while (above := together.setdefault(key, key)) != key:
        together[key] = key = together[above]
    return key


def _natural(version: str) -> tuple[object, ...]:
    """An order of versions in which numbers are numbers: good within one package, whatever its system."""
    parts = re.findall(r"[0-9]{1,99}|[A-Za-z]+", version)
    return [(1, int(part), "") if part[0].isdigit() else (0, 0, part) for part in parts], version


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
