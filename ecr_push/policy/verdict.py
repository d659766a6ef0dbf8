"""The verdict: whether an image is accepted, and why. Nouns only; `judge` makes it.

A refusal is data, not an error. Every report is made from this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.scan.findings import Finding


class Treatment(Enum):
    """What the policy did with a finding. Each finding of each platform has exactly one."""

    REFUSES = "refuses"  # counted by a rule that is broken
    COUNTED = "counted"  # counted by a rule, within what it allows
    BELOW = "below"  # not counted by any rule
    EXCEPTED = "excepted"  # accepted by an exception of the policy
    NOT_AFFECTED = "not affected"  # a VEX document says so
    OUT_OF_SCOPE = "out of scope"  # the policy excludes its package, path or layer; or there is no fix
    KNOWN = "known"  # the baseline image also has it


@dataclass(frozen=True)
class JudgedFinding:
    """A finding, and what decided on it.

    platform: `os/arch[/variant]`, empty if the image is not part of an index.
    by:       the rule, exception or document that decided, in words; never empty.
    """

    finding: Finding
    platform: str
    treatment: Treatment
    by: str


@dataclass(frozen=True)
class RuleResult:
    """The result of one rule on one platform, or on all platforms together.

    rule:     what the rule demands: `no finding of HIGH or worse`.
    platform: empty for an image that is not part of an index.
    counted:  may be more than findings, if ECR counts more than it lists.
    total:    the rule counts the findings of all platforms, each once.
    subject:  which findings it counts, after the word "findings": `of HIGH or worse`.
    always:   it counts what is always refused, which no exception accepts.
    """

    rule: str
    platform: str
    allowed: int
    counted: int
    findings: tuple[Finding, ...]
    total: bool = False
    subject: str = ""
    always: bool = False

    @property
    def passed(self) -> bool:
        return self.counted <= self.allowed

    @property
    def text(self) -> str:
        """`3 findings of HIGH or worse, 0 allowed`."""
        found = f"{self.counted:,} finding{'' if self.counted == 1 else 's'}"
        return f"{' '.join(filter(None, (found, self.subject)))}, {self.allowed:,} allowed"


ExceptionState = Literal["used", "unused", "expired", "outgrown"]


@dataclass(frozen=True)
class ExceptionResult:
    """The state of an exception or a VEX statement after an evaluation.

    text:    what it accepts, in words: `CVE-2024-1234 in openssl`.
    state:   used (it matched), unused (it matched nothing), expired (its date is past, it no longer applies),
             outgrown (until-fixed, and a fix is available: it no longer applies).
    until:   an ISO date, or empty.
    where:   its file and line.
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

    observe:  the policy is only observed: see `observed`.
    unjudged: nothing, or not every platform, was scanned: that is never released, observed or not.
    notices:  the warnings that no report leaves out: of a policy that is only observed, or has no threshold.
    warnings: what was accepted without an evaluation, and problems with exceptions.
    errors:   what refuses the image besides findings: a platform without a scan, or an exception that
              strict-exceptions does not allow to be expired or unused.
    baseline: the image that known findings were compared with, `latest (sha256:…)`; empty for none.
    gone:     findings of the baseline that this image no longer has.
    base_layers: digests of the layers that came with the base image; empty if they are unknown.
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
    base_layers: frozenset[str] = frozenset()
    observe: bool = False
    unjudged: bool = False
    notices: tuple[str, ...] = ()

    @property
    def observed(self) -> bool:
        """Whether the policy refuses the image, and only observes: it is released all the same."""
        return self.observe and not self.accepted and not self.unjudged

    @property
    def releases(self) -> bool:
        """Whether release tags may point to the image: it is accepted, or the policy only observes."""
        return self.accepted or self.observed

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if not rule.passed)

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that caused a refusal, each once, worst first."""
        found = dict.fromkeys(finding for rule in self.broken for finding in rule.findings)
        return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.id, finding.package)))

    @property
    def treatments(self) -> Mapping[Treatment, int]:
        """How many findings had each treatment; the sum is the number of findings."""
        return Counter(one.treatment for one in self.judged)

    def counts(self, treatment: Treatment) -> Mapping[Severity, int]:
        """Counts the findings of one treatment by severity."""
        return Counter(one.finding.severity for one in self.judged if one.treatment is treatment)
