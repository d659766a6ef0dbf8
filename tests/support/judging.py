"""Scans and policies to judge: made by hand, and drawn for properties."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from ecr_push.base.severity import Severity, parse_limits
from ecr_push.policy.comparison import BaseImage, BaseLayers, Baseline, known_findings
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.judge import judge
from ecr_push.policy.model import AlwaysRefused, Policy, PolicyException, Scope, make_policy
from ecr_push.policy.package_version import VersionRange
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.interface import ScanMode
from ecr_push.scan.findings import Finding, Package, PlatformScan, ScanReport
from tests.support.fakes import digest

S = Severity
TODAY = date(2026, 6, 15)


def scan(counts: dict[Severity, int], platform: str = "") -> PlatformScan:
    findings = tuple(
        Finding(f"CVE-{severity}-{number}", severity)
        for severity, count in counts.items()
        for number in range(count)
    )
    return PlatformScan(digest(platform), platform, "COMPLETE", findings, completed_at="2026-01-02")


def of(*findings: Finding, platform: str = "", counts: dict[Severity, int] | None = None) -> PlatformScan:
    return PlatformScan(digest(platform), platform, "ACTIVE", findings, counts or {})


def report(*platforms: PlatformScan, mode: ScanMode = "enhanced") -> ScanReport:
    return ScanReport(mode, platforms)


def policy(fail_on: Severity | None = None, limits: str = "") -> Policy:
    return make_policy(fail_on, parse_limits(limits) if limits else None, "refuse")


def judged(scanned: ScanReport, rules: Policy, **more: Any) -> Verdict:
    return judge(scanned, rules, today=TODAY, **more)


def found(
    id: str = "CVE-1", severity: Severity = S.HIGH, package: str = "openssl", version: str = "3.0.11",
    **more: Any,
) -> Finding:  # fmt: skip
    about = {
        name: more.pop(name)
        for name in ("manager", "path", "layer", "fixed_in", "distribution")
        if name in more
    }
    inside = (Package(package, version, **{"manager": "OS", "distribution": "debian", **about}),)
    return Finding(id, severity, package, version, packages=inside, **more)


# ------------------------------------------------------------------------- drawn

ids = st.sampled_from([f"CVE-{number}" for number in range(5)])
packages = st.sampled_from(["openssl", "zlib", "certifi"])
findings = st.builds(
    found,
    ids,
    st.sampled_from(list(Severity)),
    packages,
    st.sampled_from(["1.0", "2.0"]),
    manager=st.sampled_from(["OS", "PIP", ""]),
    path=st.sampled_from(["", "app/x", "test/x"]),
    layer=st.sampled_from(["", "sha256:base", "sha256:own"]),
    fix=st.sampled_from(["YES", "NO", ""]),
    epss=st.none() | st.floats(0, 1),
    exploited=st.none() | st.booleans(),
    score=st.none() | st.floats(0, 10),
)
platforms = st.lists(findings, max_size=8).map(tuple)
scans = st.dictionaries(
    st.sampled_from(["linux/amd64", "linux/arm64"]), st.tuples(platforms, st.integers(0, 2)), min_size=1
)
named = st.sampled_from([one for one in S if one is not S.UNRECOGNISED])
limits = st.dictionaries(named, st.integers(0, 4), max_size=3)
patterns = st.builds(
    FindingPattern, ids, st.sampled_from(["", "openssl"]), st.none() | st.just(VersionRange.parse("<2.0")),
    st.sampled_from(["", "app/**"]), st.sampled_from(["", "linux/amd64"]),
)  # fmt: skip
exceptions = st.lists(
    st.builds(
        PolicyException, patterns, until=st.none() | st.sampled_from([TODAY, date(2020, 1, 1)]),
        until_fixed=st.booleans(),
    ),
    max_size=4,
).map(tuple)  # fmt: skip
scopes = st.sampled_from([Scope(), Scope(include=("OS",)), Scope(exclude=("OS",))])
policies = st.builds(
    Policy,
    fail_on=st.none() | st.sampled_from(list(Severity)),
    limits=limits,
    total_limits=limits,
    fixable_only=st.booleans(),
    exploited=st.sampled_from(["refuse", "allow"]),
    max_epss=st.none() | st.floats(0, 1),
    max_cvss=st.none() | st.floats(0, 10),
    unscored=st.sampled_from(["refuse", "ignore"]),
    count_as=st.dictionaries(st.sampled_from([S.UNDEFINED, S.UNTRIAGED]), named),
    package_managers=scopes,
    paths=st.sampled_from([Scope(), Scope(exclude=("test/**",))]),
    layers=st.sampled_from(["all", "own", "base"]),
    baseline=st.sampled_from(["", "latest"]),
    always_refuse=st.lists(st.builds(AlwaysRefused, patterns), max_size=1).map(tuple),
    exceptions=exceptions,
)


def build(chosen: dict[str, tuple[tuple[Finding, ...], int]]) -> ScanReport:
    """What ECR lists, and that many more of HIGH which it only counts."""
    return report(
        *(
            of(
                *listed,
                platform=platform,
                counts={S.HIGH: unlisted + sum(f.severity is S.HIGH for f in listed)},
            )
            for platform, (listed, unlisted) in chosen.items()
        )
    )


def passes(scanned: ScanReport, rules: Policy) -> bool:
    both = Baseline("latest", {"linux/amd64": known_findings([found("CVE-0")])})
    base = BaseImage("base", {"linux/amd64": BaseLayers(frozenset({"sha256:base"}))})
    verdict = judged(scanned, rules, baseline=both if rules.baseline else None, base=base)
    return not verdict.broken
