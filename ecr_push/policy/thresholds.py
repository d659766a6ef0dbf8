"""Policy -> its rules: what each counts, and how many findings it allows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.policy.model import Policy
from ecr_push.scan.findings import Finding

# For every report: a policy that accepts everything must not look like one that found nothing.
NO_THRESHOLD = (
    "no threshold: fail-on is none without limits, so no severity refuses the image, CRITICAL included"
)


@dataclass(frozen=True)
class PolicyRule:
    """One rule of a policy.

    subject:         which findings it counts, in words: `of HIGH or worse`.
    counts:          whether it counts a finding.
    counts_unlisted: whether it counts a finding of which ECR reports only the severity.
    total:           it counts the findings of all platforms together, each once.
    always:          it counts the findings that are always refused, which the caller knows.
    """

    name: str
    subject: str
    allowed: int
    counts: Callable[[Finding], bool]
    counts_unlisted: Callable[[Severity], bool]
    total: bool = False
    always: bool = False


def make_rules(policy: Policy) -> tuple[PolicyRule, ...]:
    return tuple(_rules(policy))


def has_threshold(policy: Policy) -> bool:
    """Whether a finding can refuse the image for its severity alone."""
    return policy.fail_on is not None or bool(policy.limits) or bool(policy.total_limits)


def _rules(policy: Policy) -> Iterable[PolicyRule]:
    if policy.always_refuse:
        yield PolicyRule(
            "nothing that is always refused",
            "on the always-refuse list",
            0,
            lambda one: False,
            lambda one: False,
            always=True,
        )
    if policy.fail_on is not None:
        subject = f"of {policy.fail_on} or worse"
        yield _by_severity(policy, f"no finding {subject}", subject, 0, _from(policy.fail_on))
    yield from _limits(policy, policy.limits, total=False)
    unscored = policy.unscored == "refuse"
    if policy.exploited == "refuse":
        yield PolicyRule(
            "no finding with a known exploit",
            "with a known exploit",
            0,
            lambda one: unscored if one.exploited is None else one.exploited,
            lambda one: unscored,
        )
    if policy.max_epss is not None:
        yield _by_number("EPSS", policy.max_epss, lambda one: one.epss, unscored=unscored)
    if policy.max_cvss is not None:
        yield _by_number("CVSS", policy.max_cvss, lambda one: one.score, unscored=unscored)
    yield from _limits(policy, policy.total_limits, total=True)


def _limits(policy: Policy, limits: Mapping[Severity, int], *, total: bool) -> Iterable[PolicyRule]:
    if not limits:
        return
    where = " in total" if total else ""
    worst = max(limits)
    if worse := _from(worst) - {worst}:
        subject = f"worse than {worst}{where}"
        yield _by_severity(policy, f"no finding {subject}", subject, 0, worse, total=total)
    for severity, allowed in sorted(limits.items(), reverse=True):
        subject = f"of {severity}{where}"
        yield _by_severity(
            policy, f"at most {allowed} {subject}", subject, allowed, frozenset({severity}), total=total
        )


def _by_severity(
    policy: Policy,
    name: str,
    subject: str,
    allowed: int,
    severities: frozenset[Severity],
    *,
    total: bool = False,
) -> PolicyRule:
    # A severity that counts as another one also counts as itself: a mapping never takes a finding out of
    # a limit on its own class.
    counted = frozenset(
        one for one in Severity if one in severities or policy.count_as.get(one, one) in severities
    )
    return PolicyRule(
        name, subject, allowed, lambda one: one.severity in counted, lambda one: one in counted, total=total
    )


def _from(severity: Severity) -> frozenset[Severity]:
    return frozenset(one for one in Severity if one >= severity)


def _by_number(
    name: str, limit: float, number: Callable[[Finding], float | None], *, unscored: bool
) -> PolicyRule:
    def counts(one: Finding) -> bool:
        found = number(one)
        return unscored if found is None else found > limit

    subject = f"above {name} {limit:g}"
    return PolicyRule(f"no finding {subject}", subject, 0, counts, lambda one: unscored)
