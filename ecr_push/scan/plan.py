"""How to wait for a scan."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.scan.options import ScanOptions


@dataclass(frozen=True)
class ScanPlan:
    """How to wait for the scan.

    timeout: in seconds, for all platforms together.
    max_age: in seconds; an older result is not used, unless scanning is continuous.
    epss:    the policy needs the findings' EPSS.
    others:  files of other scanners, whose findings are judged too.
    """

    timeout: float
    warn_unscannable: bool = False
    max_age: float = 86_400.0
    epss: bool = False
    events_queue: str = ""
    others: tuple[str, ...] = ()


def plan_scan(options: ScanOptions, *, warn_unscannable: bool, epss: bool) -> ScanPlan:
    """What the options and the policy mean for the wait."""
    return ScanPlan(
        options.scan_timeout,
        warn_unscannable,
        options.scan_max_age,
        epss=epss,
        events_queue=options.scan_events_queue,
        others=options.verdict_from,
    )
