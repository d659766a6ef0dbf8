"""What a team accepts. Nouns only: `load` reads them, `judge` applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity, Threshold, severity_of

if TYPE_CHECKING:  # `ecr-push tags` needs no patterns and no VEX
    from ecr_push.policy.finding_pattern import FindingPattern
    from ecr_push.policy.vex import Statement

Unscannable = Literal["refuse", "warn"]
Layers = Literal["all", "own", "base"]
Strictness = Literal["expired", "unused", "outgrown", "incomplete"]
# What stands in an exception that a report suggests, where its author has to decide.
REASON_TO_WRITE, OWNER_TO_WRITE = "WHY-IT-IS-ACCEPTABLE", "WHO-DECIDES"


@dataclass(frozen=True)
class Scope:
    """What is evaluated: what include matches (everything if it is empty), without what exclude matches."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyException:
    """Findings that are accepted, why, by whom, and for how long.

    until:       the last day, in UTC, on which it applies; None for no end.
    until_fixed: it applies while no fix is known.
    where:       its file and line.
    central:     it comes from a policy that others extend, and need not match in every image.
    """

    what: FindingPattern
    reason: str = ""
    owner: str = ""
    until: date | None = None
    until_fixed: bool = False
    where: str = ""
    central: bool = False

    @property
    def gaps(self) -> tuple[str, ...]:
        """Which of reason, owner and until it lacks; what stands in the reports' template says nothing."""
        there = {
            "reason": self.reason not in ("", REASON_TO_WRITE),
            "owner": self.owner not in ("", OWNER_TO_WRITE),
            "until": self.until or self.until_fixed,
        }
        return tuple(name for name, given in there.items() if not given)


@dataclass(frozen=True)
class AlwaysRefused:
    """Findings that nothing can exclude."""

    what: FindingPattern
    reason: str = ""
    where: str = ""


@dataclass(frozen=True)
class Policy:
    """The rules that an image must keep.

    fail_on:      refuses any finding of that severity or worse; None turns it off.
    limits:       how many findings of each severity are allowed; severities worse than the worst named one
                  are allowed none.
    unscannable:  what happens to an image that ECR cannot scan.
    total_limits: like limits, over all platforms, with each finding counted once.
    exploited:    "refuse" allows no finding with a known exploit.
    max_epss:     no finding may be above; 0 to 1. max_cvss likewise; 0 to 10. None: no limit.
    unscored:     whether a finding without the value that one of these three needs breaks it.
    count_as:     severities that also count as another one: UNDEFINED and UNTRIAGED.
    baseline:     the tag or digest of the image whose findings are known; empty for none.
    base_image:   REPOSITORY@DIGEST of the base image; empty if it was not named.
    base_images:  globs of the repositories that a base image may be in; empty allows any.
    observe:      what the policy refuses is released all the same, and reported as refused.
    strict:       which states of exceptions refuse the image.
    sources:      the files that this was read from, the most central first.
    """

    fail_on: Severity | None = Severity.HIGH
    limits: Mapping[Severity, int] = field(default_factory=dict)
    unscannable: Unscannable = "refuse"
    total_limits: Mapping[Severity, int] = field(default_factory=dict)
    fixable_only: bool = False
    exploited: Literal["refuse", "allow"] = "allow"
    max_epss: float | None = None
    max_cvss: float | None = None
    unscored: Literal["refuse", "ignore"] = "refuse"
    count_as: Mapping[Severity, Severity] = field(default_factory=dict)
    package_managers: Scope = Scope()
    paths: Scope = Scope()
    layers: Layers = "all"
    baseline: str = ""
    base_image: str = ""
    base_images: tuple[str, ...] = ()
    always_refuse: tuple[AlwaysRefused, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    vex: tuple[Statement, ...] = ()
    strict: frozenset[Strictness] = frozenset()
    observe: bool = False
    sources: tuple[str, ...] = ()


def make_policy(
    fail_on: Threshold | None, limits: Mapping[Severity, int] | None, unscannable: Unscannable | None
) -> Policy:
    """Returns the policy of three options: --fail-on is high by default, unless there are limits."""
    if fail_on is None and not limits:
        fail_on = Severity.HIGH
    return Policy(severity_of(fail_on), dict(limits or {}), unscannable or "refuse")
