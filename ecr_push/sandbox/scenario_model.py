"""A scenario: the faults and delays of the sandbox, its quirks and its quotas. `scenario` reads one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ecr_push.sandbox.permissions.setup import Setup
from ecr_push.sandbox.replication.model import ReplicationScenario

Plane = Literal["api", "v2"]
Drop = Literal["", "before", "during"]
Hold = Literal["", "before", "after"]
PLANES: tuple[Plane, ...] = get_args(Plane)
ALWAYS = -1
ANY = "*"
DAY = 86_400.0

SCAN_NOT_FOUND = "ScanNotFound"
# Shape ScanStatus of botocore's service model, and the error before the first of them.
SCAN_STATUSES = (
    SCAN_NOT_FOUND,
    "PENDING",
    "IN_PROGRESS",
    "COMPLETE",
    "ACTIVE",
    "FAILED",
    "UNSUPPORTED_IMAGE",
    "SCAN_ELIGIBILITY_EXPIRED",
    "FINDINGS_UNAVAILABLE",
    "LIMIT_EXCEEDED",
    "IMAGE_ARCHIVED",
    "IMAGE_SIZE_EXCEEDED",
)


@dataclass(frozen=True)
class Fault:
    """Requests to fail or hold: those that match, after the first `skip`, `times` times (ALWAYS: all)."""

    plane: Plane = "api"
    operation: str = ANY
    skip: int = 0
    times: int = 1
    status: int | None = None
    code: str | None = None
    message: str = ""
    retry_after: int = 0
    drop: Drop = ""
    hold: Hold = ""

    def matches(self, plane: Plane, operation: str) -> bool:
        return self.plane == plane and self.operation in (ANY, operation)


@dataclass(frozen=True)
class ScanStep:
    """A scan status, and how long it lasts: seconds, or None for one request."""

    status: str
    seconds: float | None = None


@dataclass(frozen=True)
class ScanScenario:
    """How scans run. None and () mean the scanner's own behaviour."""

    delay: float | None = None
    statuses: tuple[ScanStep, ...] = ()
    description: str = ""
    late_findings: bool = False
    no_findings: bool = False
    epss: Mapping[str, float] = field(default_factory=dict)
    restart_after: float = DAY


@dataclass(frozen=True)
class SigningScenario:
    """How ECR's managed signing runs. delay: seconds after the push. failure: a code; "" to succeed."""

    delay: float = 0.0
    failure: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Scenario:
    """A whole scenario; the default has no faults and no delays.

    iam: the principals and their policies; None: those that the sandbox was started with.
    document: the mapping that it was read from.
    """

    latency: Mapping[Plane, Mapping[str, float]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    token_life: float | None = None
    scan: ScanScenario = ScanScenario()
    signing: SigningScenario = SigningScenario()
    replication: ReplicationScenario = field(default_factory=ReplicationScenario)
    quirks: frozenset[str] = frozenset()
    quotas: Mapping[str, int] = field(default_factory=dict)
    iam: Setup | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
