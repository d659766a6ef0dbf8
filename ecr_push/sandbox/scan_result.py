"""What a scan has found by now, as the operations of ECR and Inspector report it."""

from __future__ import annotations

from dataclasses import dataclass

from ecr_push.sandbox.advisories import Match
from ecr_push.sandbox.inventory import InstalledPackage
from ecr_push.sandbox.scan_rules import ScanType


@dataclass(frozen=True)
class ScanResult:
    """The state of an image's scan now. Times are seconds since the epoch.

    status:             shape ScanStatus of ECR's service model.
    completed_at:       None until the findings are complete.
    source_updated_at:  when the newest advisory was changed; None until the findings are complete.
    architecture, platform:  of the image, such as `amd64` and `DEBIAN_12`.
    """

    status: str
    description: str
    scan_type: ScanType
    completed_at: float | None = None
    source_updated_at: float | None = None
    packages: tuple[InstalledPackage, ...] = ()
    findings: tuple[Match, ...] = ()
    architecture: str = ""
    platform: str = ""
