"""Rows -> the updates that fix most of their findings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.policy.verdict import Treatment
from ecr_push.report.html_rows import Row
from ecr_push.report.updates import find_updates as find
from ecr_push.report.updates import some

_SET_ASIDE = (Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.OUT_OF_SCOPE)


@dataclass(frozen=True)
class UpdateRow:
    """Packages that are updated together, how many findings that fixes, and how many of those refuse."""

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


def find_updates(rows: Sequence[Row]) -> list[UpdateRow]:
    """Returns the updates, as `advice.updates` orders them: by the refusing findings that they fix, the worst
    first; then by all findings."""
    hopeful = [row for row in rows if row.treatment not in _SET_ASIDE]
    updates = []
    for one in find([row.packages for row in hopeful]):
        refusing = Counter(hopeful[place].finding.severity for place in one.ends if hopeful[place].refuses)
        row = UpdateRow(one.packages, one.installed, one.target, len(one.ends), refusing.total())
        worst_first = [-refusing[severity] for severity in reversed(Severity)]
        updates.append((worst_first, -row.fixes, row.packages, row))
    return [row for *_, row in sorted(updates, key=lambda one: one[:3])]
