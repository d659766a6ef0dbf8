"""What a team accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ecr_push.severity import Severity

Unscannable = Literal["refuse", "warn"]


@dataclass(frozen=True)
class Policy:
    """fail_on refuses any finding of that severity or worse; None switches it off.

    limits allow at most so many findings of each severity; a severity worse than the worst one named
    is allowed none. unscannable says what happens to an image that ECR cannot scan.
    """

    fail_on: Severity | None = Severity.HIGH
    limits: Mapping[Severity, int] = field(default_factory=dict)
    unscannable: Unscannable = "refuse"


def make_policy(
    fail_on: Severity | None, limits: Mapping[Severity, int] | None, unscannable: Unscannable
) -> Policy:
    """The policy that two options mean together: --fail-on is high unless limits stand in its place."""
    if fail_on is None and not limits:
        fail_on = Severity.HIGH
    return Policy(fail_on, dict(limits or {}), unscannable)
