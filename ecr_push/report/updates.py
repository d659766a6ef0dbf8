"""Packages of findings -> which of them are updated together, and to which version. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.scan.findings import Finding, Package

_NAMED = 3
_PackageKey = tuple[str, str]  # manager and name


@dataclass(frozen=True)
class PackageUpdate:
    """Packages that are updated together.

    installed: their current versions.
    target:    the highest version that one of the findings needs.
    ends:      the findings that the update fixes, by their positions in the input.
    """

    packages: tuple[str, ...]
    installed: tuple[str, ...]
    target: str
    ends: tuple[int, ...]


def find_updates(findings: Sequence[Sequence[Package]]) -> list[PackageUpdate]:
    """Returns the updates that fix findings, each of which is given as its packages.

    Packages that share a finding and the version that fixes it, such as a library and its tools from one
    source, are one update. A finding that needs several updates counts for each of them.
    """
    together: dict[_PackageKey, _PackageKey] = {}
    for packages in findings:
        firsts: dict[tuple[str, str], _PackageKey] = {}
        for one in packages:
            if one.fixed_in:
                key = (one.manager, one.name)
                first = firsts.setdefault((one.manager, one.fixed_in), key)
                together[_leader(together, key)] = _leader(together, first)
    ends: dict[_PackageKey, dict[int, None]] = {}
    members: dict[_PackageKey, dict[Package, None]] = {}
    for place, packages in enumerate(findings):
        for one in packages:
            if one.fixed_in:
                leader = _leader(together, (one.manager, one.name))
                ends.setdefault(leader, {})[place] = None
                members.setdefault(leader, {})[one] = None
    return [
        PackageUpdate(
            tuple(sorted({one.name for one in members[leader]})),
            tuple(sorted({one.version for one in members[leader] if one.version}, key=natural)),
            max((one.fixed_in for one in members[leader]), key=natural),
            tuple(places),
        )
        for leader, places in ends.items()
    ]


def packages_to_update(finding: Finding) -> tuple[Package, ...]:
    """Returns the packages of a finding; one made of its summary if they are not listed."""
    if finding.packages or not finding.package:
        return finding.packages
    return (Package(finding.package, finding.version, finding.fixed_in),)


def _leader(together: dict[_PackageKey, _PackageKey], key: _PackageKey) -> _PackageKey:
    """Returns the package that represents all that are updated together with key."""
    while (above := together.setdefault(key, key)) != key:
        together[key] = key = together[above]
    return key


def natural(version: str) -> tuple[object, ...]:
    """Returns a sort key that compares numbers as numbers: enough for versions of one package."""
    parts = re.findall(r"[0-9]{1,99}|[A-Za-z]+", version)
    return [(1, int(part), "") if part[0].isdigit() else (0, 0, part) for part in parts], version


def some(names: Sequence[str]) -> str:
    """Returns the first names, and how many more there are."""
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
