"""The verdict: whether an image is accepted, and all that decided on it. Nouns alone; `gate.py` judges.

A refusal is data, not an error. Every report is made from this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from ecr_push.base.severity import Severity
from ecr_push.scan.findings import Finding


class Treatment(Enum):
    """What the policy did with a finding. Each finding of each platform has exactly one."""

    REFUSES = "refuses"  # a rule that it breaks, alone or with others, counts it
    COUNTED = "counted"  # counted, within what a rule allows
    BELOW = "below"  # no rule counts findings like this one
    EXCEPTED = "excepted"  # an exception of the policy
    NOT_AFFECTED = "not affected"  # a VEX document says so
    OUT_OF_SCOPE = "out of scope"  # a package, path or layer that the policy leaves out; or not fixable
    KNOWN = "known"  # the baseline image has it too


@dataclass(frozen=True)
class JudgedFinding:
    """A finding, and what decided on it.

    platform: `os/arch[/variant]`, empty where the image is none of an index.
    by:       the rule, exception or document that decided, in words: never empty.
    """

    finding: Finding
    platform: str
    treatment: Treatment
    by: str


@dataclass(frozen=True)
class RuleResult:
    """One rule on one platform, or on all together: how many it counted, how many it allows, and which.

    platform: empty for an image that is none of an index.
    total:    the rule counts the findings of all platforms, each once.
    counted:  may be more than findings, where ECR counts more than it lists.
    """

    rule: str
    platform: str
    allowed: int
    counted: int
    findings: tuple[Finding, ...]
    total: bool = False

    @property
    def passed(self) -> bool:
        return self.counted <= self.allowed


ExceptionState = Literal["used", "unused", "expired", "outgrown"]


@dataclass(frozen=True)
class ExceptionResult:
    """What became of an exception or a VEX statement.

    text:  what it excepts, in words: `CVE-2024-1234 in openssl`.
    state: used (it matched), unused (it matches nothing any more), expired (its date is past: it no longer
           holds), outgrown (until-fixed, and a fix is there: it no longer holds).
    until: an ISO date, or empty.
    where: the file and line that it stands in.
    central: it is for many images, and need not match in this one.
    """

    text: str
    state: ExceptionState
    reason: str = ""
    owner: str = ""
    until: str = ""
    matched: int = 0
    where: str = ""
    central: bool = False


@dataclass(frozen=True)
class Verdict:
    """Accepted or refused, with every rule, every finding and every exception.

    warnings: what was let through without a judgement, and what is wrong with exceptions.
    errors:   what refuses besides findings: an image that nobody scanned, an exception that may not be
              expired or unused.
    baseline: the image that known findings were compared with, `latest (sha256:…)`; empty for none.
    gone:     what the baseline had and this image no longer has.
    """

    accepted: bool
    rules: tuple[RuleResult, ...]
    warnings: tuple[str, ...] = ()
    judged: tuple[JudgedFinding, ...] = ()
    exceptions: tuple[ExceptionResult, ...] = ()
    errors: tuple[str, ...] = ()
    baseline: str = ""
    policy: tuple[str, ...] = field(default=())
    gone: tuple[Finding, ...] = ()

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if not rule.passed)

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that decided on a refusal, each once, worst first."""
        found = dict.fromkeys(finding for rule in self.broken for finding in rule.findings)
        return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.id, finding.package)))

    @property
    def treatments(self) -> Mapping[Treatment, int]:
        """How many findings had each treatment; their sum is what was found."""
        return Counter(one.treatment for one in self.judged)

    def counts(self, treatment: Treatment) -> Mapping[Severity, int]:
        """The findings of one treatment by severity."""
        return Counter(one.finding.severity for one in self.judged if one.treatment is treatment)
