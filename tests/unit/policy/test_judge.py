from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.severity import Severity
from ecr_push.policy.comparison import BaseImage, BaseLayers, Baseline, inherited_findings, known_findings
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.judge import utc_date
from ecr_push.policy.model import AlwaysRefused, Policy, PolicyException, Scope, make_policy
from ecr_push.policy.package_version import VersionRange
from ecr_push.policy.verdict import Treatment
from ecr_push.policy.vex import Product, Statement, Subject
from ecr_push.scan.findings import Finding, Package, PlatformScan
from tests.support.fakes import digest
from tests.support.judging import (
    TODAY,
    build,
    findings,
    found,
    judged,
    of,
    passes,
    policies,
    policy,
    report,
    scan,
    scans,
)

S = Severity
T = Treatment


def excepted(what: FindingPattern, **more: Any) -> PolicyException:
    return PolicyException(
        what, **{"reason": "not reachable", "owner": "team-a", "where": "p.yml, line 3", **more}
    )


# ------------------------------------------------------------------------- thresholds


@pytest.mark.parametrize(
    ("fail_on", "limits", "counts", "accepted"),
    [
        (None, "", {}, True),
        (None, "", {S.MEDIUM: 50, S.LOW: 9, S.UNTRIAGED: 1, S.UNDEFINED: 1}, True),
        (None, "", {S.HIGH: 1}, False),
        (None, "", {S.CRITICAL: 1}, False),  # an order, not a set: worse than high refuses too
        (None, "", {S.UNRECOGNISED: 1}, False),
        (S.CRITICAL, "", {S.HIGH: 9}, True),
        (S.CRITICAL, "", {S.CRITICAL: 1}, False),
        (S.LOW, "", {S.LOW: 1}, False),
        (S.LOW, "", {S.INFORMATIONAL: 1}, True),
        (S.UNDEFINED, "", {S.UNDEFINED: 1}, False),
        (None, "high=5", {S.HIGH: 5}, True),
        (None, "high=5", {S.HIGH: 6}, False),
        (None, "high=5", {S.CRITICAL: 1}, False),  # worse than the worst one named
        (None, "high=5", {S.UNRECOGNISED: 1}, False),
        (None, "high=5", {S.MEDIUM: 1000}, True),
        (None, "critical=1,high=5,medium=50", {S.CRITICAL: 1, S.HIGH: 5, S.MEDIUM: 50}, True),
        (None, "critical=1,high=5,medium=50", {S.MEDIUM: 51}, False),
        (None, "critical=1,medium=50", {S.HIGH: 100}, True),  # neither named nor worse than the worst
        (None, "untriaged=0", {S.UNTRIAGED: 1}, False),
        (S.HIGH, "medium=5", {S.HIGH: 1}, False),
        (S.HIGH, "high=5,medium=5", {S.HIGH: 1}, False),  # both options given: both hold
    ],
)
def test_thresholds(
    fail_on: Severity | None, limits: str, counts: dict[Severity, int], accepted: bool
) -> None:
    assert judged(report(scan(counts)), policy(fail_on, limits)).accepted is accepted


@pytest.mark.parametrize(
    ("count_as", "rules", "counts", "accepted"),
    [
        ({S.UNDEFINED: S.HIGH}, policy(), {S.UNDEFINED: 1}, False),
        ({S.UNDEFINED: S.MEDIUM}, policy(), {S.UNDEFINED: 1}, True),
        ({S.UNTRIAGED: S.CRITICAL}, policy(limits="critical=0"), {S.UNTRIAGED: 1}, False),
        ({S.UNTRIAGED: S.HIGH}, policy(limits="high=1"), {S.UNTRIAGED: 1, S.HIGH: 1}, False),
        ({S.UNTRIAGED: S.LOW}, policy(limits="critical=0,untriaged=0"), {S.UNTRIAGED: 1}, False),  # own class
    ],
)
def test_undefined_and_untriaged_count_as_what_is_set_besides_themselves(
    count_as: dict[Severity, Severity], rules: Policy, counts: dict[Severity, int], accepted: bool
) -> None:
    assert judged(report(scan(counts)), replace(rules, count_as=count_as)).accepted is accepted


def test_the_verdict_names_the_findings_that_decided_worst_first() -> None:
    verdict = judged(report(scan({S.LOW: 2, S.HIGH: 1, S.CRITICAL: 1})), policy())
    assert [finding.severity for finding in verdict.deciding] == [S.CRITICAL, S.HIGH]
    assert [(rule.rule, rule.counted) for rule in verdict.broken] == [("no finding of HIGH or worse", 2)]


def test_each_platform_is_judged_by_itself() -> None:
    both = report(scan({S.HIGH: 3}, "linux/amd64"), scan({S.HIGH: 3}, "linux/arm64"))
    assert judged(both, policy(limits="high=5")).accepted
    one = report(scan({}, "linux/amd64"), scan({S.HIGH: 6}, "linux/arm64"))
    assert [rule.platform for rule in judged(one, policy(limits="high=5")).broken] == ["linux/arm64"]


@pytest.mark.parametrize(("allowed", "accepted"), [(2, False), (3, True)])
def test_a_total_counts_each_finding_once_over_all_platforms(allowed: int, accepted: bool) -> None:
    amd, arm = found("CVE-1"), found("CVE-1", version="3.0.11-b")  # one finding on two platforms
    both = report(
        of(amd, found("CVE-2"), platform="linux/amd64"), of(arm, found("CVE-3"), platform="linux/arm64")
    )
    rules = Policy(None, total_limits={S.HIGH: allowed})
    verdict = judged(both, rules)
    assert verdict.accepted is accepted
    total = next(rule for rule in verdict.rules if rule.rule == f"at most {allowed} of HIGH in total")
    assert (total.counted, total.total, total.platform, len(total.findings)) == (3, True, "", 3)
    assert verdict.treatments == {T.COUNTED if accepted else T.REFUSES: 4}


def test_findings_that_ecr_only_counts_count_and_match_no_exception() -> None:
    everything = excepted(FindingPattern(path="", package="openssl"))
    one = report(of(found(), counts={S.HIGH: 3}))
    verdict = judged(one, replace(policy(limits="high=2"), exceptions=(everything,)))
    assert verdict.accepted and verdict.rules[1].counted == 2
    assert not judged(one, replace(policy(limits="high=1"), exceptions=(everything,))).accepted
    both = report(of(platform="a", counts={S.HIGH: 2}), of(platform="b", counts={S.HIGH: 2}))
    assert judged(both, Policy(None, total_limits={S.HIGH: 9})).rules[-1].counted == 4


LOST = PlatformScan(digest("arm"), "linux/arm64", "UNSUPPORTED_IMAGE", unscannable="no packages")


@pytest.mark.parametrize(
    ("scanned", "rules", "releases"),
    [
        (report(scan({S.CRITICAL: 1})), Policy(), True),
        (
            report(of(found())),
            replace(policy(S.CRITICAL), always_refuse=(AlwaysRefused(FindingPattern("CVE-1")),)),
            True,
        ),
        (
            report(scan({})),
            Policy(exceptions=(excepted(FindingPattern("CVE-9")),), strict=frozenset({"unused"})),
            True,
        ),
        (report(), Policy(), False),
        (report(LOST), Policy(), False),
        (report(scan({S.CRITICAL: 1}), LOST), Policy(), False),
    ],
)
def test_an_observed_policy_lets_through_what_it_refuses_and_nothing_that_was_not_scanned(
    scanned: Any, rules: Policy, releases: bool
) -> None:
    enforced, observed = judged(scanned, rules), judged(scanned, replace(rules, observe=True))
    assert not enforced.accepted and not enforced.releases and not enforced.observed
    assert not observed.accepted  # it says what it would be
    assert (observed.releases, observed.observed) == (releases, releases)
    assert replace(observed, observe=False, warnings=(), notices=()) == replace(enforced, warnings=())
    [notice] = observed.notices
    assert notice == observed.warnings[0] and "it refuses the image" in notice


def test_nothing_scanned_is_never_accepted() -> None:
    verdict = judged(report(), policy())
    assert not verdict.accepted
    assert verdict.errors == ("nothing was scanned",)


@pytest.mark.parametrize(("unscannable", "accepted"), [("refuse", False), ("warn", True)])
def test_an_image_that_cannot_be_scanned(unscannable: Any, accepted: bool) -> None:
    lost = PlatformScan(digest("x"), "linux/arm64", "UNSUPPORTED_IMAGE", unscannable="no package manager")
    verdict = judged(report(scan({}, "linux/amd64"), lost), make_policy(None, None, unscannable))
    assert verdict.accepted is accepted
    expected = ("linux/arm64 was not scanned: no package manager",)
    assert (verdict.warnings, verdict.errors) == ((expected, ()) if accepted else ((), expected))


# ------------------------------------------------------------------------- exploits and scores


@pytest.mark.parametrize(
    ("rules", "about", "accepted"),
    [
        ({"exploited": "refuse"}, {"exploited": True}, False),
        ({"exploited": "refuse"}, {"exploited": False}, True),
        ({"exploited": "refuse"}, {"exploited": None}, False),  # unknown does not pass
        ({"exploited": "refuse", "unscored": "ignore"}, {"exploited": None}, True),
        ({"exploited": "allow"}, {"exploited": True}, True),
        ({"max_epss": 0.5}, {"epss": 0.5}, True),
        ({"max_epss": 0.5}, {"epss": 0.51}, False),
        ({"max_epss": 0.5}, {"epss": None}, False),
        ({"max_epss": 0.5, "unscored": "ignore"}, {"epss": None}, True),
        ({"max_epss": 0.0}, {"epss": 0.0}, True),
        ({"max_cvss": 8.9}, {"score": 8.9}, True),
        ({"max_cvss": 8.9}, {"score": 9.0}, False),
        ({"max_cvss": 8.9}, {"score": None}, False),
    ],
)
def test_exploits_epss_and_cvss(rules: dict[str, Any], about: dict[str, Any], accepted: bool) -> None:
    one = report(of(found(severity=S.LOW, **about)))
    assert judged(one, Policy(None, **rules)).accepted is accepted


def test_what_ecr_does_not_list_has_no_score_either() -> None:
    one = report(of(counts={S.LOW: 2}))
    assert judged(one, Policy(None, max_epss=0.5)).rules[0].counted == 2
    assert judged(one, Policy(None, max_epss=0.5, unscored="ignore")).accepted


# ------------------------------------------------------------------------- treatments

KNOWN = Baseline("latest (sha256:0)", {"": known_findings([found()])})
BASE = BaseImage(
    "base", {"": BaseLayers(frozenset({"sha256:base"}), inherited_findings([found(id="CVE-B")]))}
)
ADVISED = Baseline("latest (sha256:0)", {"": known_findings([found(aliases=("DSA-1",))])})
ADVISED_BASE = BaseImage("base", {"": BaseLayers(findings=inherited_findings([found(aliases=("DSA-1",))]))})
NOT_AFFECTED = Statement(
    ("CVE-1",), "not_affected", (Product(("pkg:oci/app",)),), "vulnerable_code_not_present",
    where="vex.json, statement 1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "one", "more", "treatment", "by"),
    [
        ({}, found(), {}, T.REFUSES, "no finding of HIGH or worse"),
        ({"fail_on": None, "limits": {S.HIGH: 1}}, found(), {}, T.COUNTED, "at most 1 of HIGH: 1 found"),
        ({}, found(severity=S.LOW), {}, T.BELOW, "no rule counts this LOW finding"),
        (
            {"exceptions": (excepted(FindingPattern("CVE-1"), until=date(2026, 7, 1)),)}, found(), {},
            T.EXCEPTED, "exception CVE-1 until 2026-07-01, team-a (p.yml, line 3)",
        ),
        (
            {"vex": (NOT_AFFECTED,)}, found(), {"subject": Subject("host/team/app")},
            T.NOT_AFFECTED, "VEX: CVE-1 not affected: vulnerable_code_not_present (vex.json, statement 1)",
        ),
        ({"fixable_only": True}, found(fix="NO"), {}, T.OUT_OF_SCOPE, "fixable-only: no fix is known"),
        ({"fixable_only": True}, found(fix="PARTIAL"), {}, T.REFUSES, "no finding of HIGH or worse"),
        ({"fixable_only": True}, found(fix=""), {}, T.REFUSES, "no finding of HIGH or worse"),
        (
            {"package_managers": Scope(exclude=("OS",))}, found(), {},
            T.OUT_OF_SCOPE, "package-managers: os is not in scope",
        ),
        ({"package_managers": Scope(include=("OS",))}, found(), {}, T.REFUSES, "no finding of HIGH or worse"),
        ({"package_managers": Scope(include=("PIP",))}, found(), {}, T.OUT_OF_SCOPE, "os is not in scope"),
        ({"package_managers": Scope(include=("PIP",))}, found(manager=""), {}, T.REFUSES, "HIGH"),
        ({"paths": Scope(exclude=("test/**",))}, found(path="test/a.jar"), {}, T.OUT_OF_SCOPE, "test/a.jar"),
        ({"paths": Scope(include=("app/**",))}, found(path="app/a.jar"), {}, T.REFUSES, "HIGH"),
        ({"paths": Scope(include=("app/**",))}, found(path="opt/a.jar"), {}, T.OUT_OF_SCOPE, "opt/a.jar"),
        ({"paths": Scope(include=("app/**",))}, found(path=""), {}, T.REFUSES, "HIGH"),  # the path is unknown
        ({"layers": "own"}, found(layer="sha256:base"), {"base": BASE}, T.OUT_OF_SCOPE, "is from the base"),
        ({"layers": "own"}, found(layer="sha256:own"), {"base": BASE}, T.REFUSES, "HIGH"),
        ({"layers": "own"}, found(id="CVE-B"), {"base": BASE}, T.OUT_OF_SCOPE, "is from the base"),  # basic
        ({"layers": "own"}, found(id="CVE-B", version="9"), {"base": BASE}, T.REFUSES, "HIGH"),
        ({"layers": "own"}, found(), {}, T.REFUSES, "HIGH"),  # no base image is known
        ({"layers": "base"}, found(layer="sha256:own"), {"base": BASE}, T.OUT_OF_SCOPE, "it is not from"),
        ({"layers": "base"}, found(layer="sha256:base"), {"base": BASE}, T.REFUSES, "HIGH"),
        ({"layers": "base"}, found(), {"base": BASE}, T.REFUSES, "HIGH"),  # the origin is unknown
        ({"baseline": "latest"}, found(), {"baseline": KNOWN}, T.KNOWN, "latest (sha256:0) also has it"),
        ({"baseline": "latest"}, found(version="3.0.12"), {"baseline": KNOWN}, T.KNOWN, "also"),
        ({"baseline": "latest"}, found(id="CVE-2"), {"baseline": KNOWN}, T.REFUSES, "HIGH"),
        ({"baseline": "latest"}, found(package="zlib"), {"baseline": KNOWN}, T.REFUSES, "HIGH"),
        ({"baseline": "latest"}, found(), {}, T.REFUSES, "HIGH"),  # nothing is known
        # Two vulnerabilities of one advisory are two; one that is known by its other name is one.
        ({"baseline": "latest"}, found("CVE-2", aliases=("DSA-1",)), {"baseline": ADVISED}, T.REFUSES, "no "),
        ({"baseline": "latest"}, found("DSA-1", aliases=("CVE-2",)), {"baseline": ADVISED}, T.KNOWN, "also"),
        ({"layers": "own"}, found(id="CVE-2", aliases=("DSA-1",)), {"base": ADVISED_BASE}, T.REFUSES, "HIGH"),
    ],
)  # fmt: skip
def test_each_treatment_and_what_decided(
    rules: dict[str, Any], one: Finding, more: dict[str, Any], treatment: T, by: str
) -> None:
    verdict = judged(report(of(one)), Policy(**rules), **more)
    assert [result.treatment for result in verdict.judged] == [treatment]
    assert by in verdict.judged[0].by
    assert verdict.accepted is (treatment is not T.REFUSES)


def test_a_finding_in_two_packages_is_only_taken_out_for_both() -> None:
    both = replace(found(), packages=(Package("openssl"), Package("libssl3")))
    half = excepted(FindingPattern("CVE-1", "openssl"))
    assert not judged(report(of(both)), Policy(exceptions=(half,))).accepted
    rest = excepted(FindingPattern("CVE-1", "libssl3"))
    verdict = judged(report(of(both)), Policy(exceptions=(half, rest)))
    assert verdict.accepted
    assert "openssl" in verdict.judged[0].by and "libssl3" in verdict.judged[0].by
    assert [one.matched for one in verdict.exceptions] == [1, 1]


def test_basic_scanning_looks_at_the_systems_packages() -> None:
    one = report(of(found(manager="")), mode="basic")
    assert judged(one, Policy(package_managers=Scope(exclude=("OS",)))).accepted
    assert "basic scanning" in judged(one, Policy(fixable_only=True)).warnings[0]
    assert "unscored: ignore" in judged(one, Policy(exploited="refuse")).warnings[0]


@pytest.mark.parametrize(
    "entry",
    [
        FindingPattern("CVE-1"),
        FindingPattern(package="openssl"),
        FindingPattern("CVE-1", "openssl", VersionRange.parse("<3.0.12")),
        FindingPattern("GHSA-1"),
    ],
)
def test_nothing_excludes_what_is_always_refused(entry: FindingPattern) -> None:
    one = found(severity=S.LOW, fix="NO", layer="sha256:base", path="test/x", aliases=("GHSA-1",))
    rules = Policy(
        fail_on=None,
        always_refuse=(AlwaysRefused(entry, "log4shell", "p.yml, line 9"),),
        exceptions=(excepted(FindingPattern("CVE-1")),),
        vex=(NOT_AFFECTED,),
        fixable_only=True,
        paths=Scope(exclude=("test/**",)),
        layers="own",
        baseline="latest",
    )
    verdict = judged(report(of(one)), rules, baseline=KNOWN, base=BASE, subject=Subject("x/app"))
    assert not verdict.accepted
    assert verdict.judged[0].treatment is T.REFUSES
    assert verdict.judged[0].by == f"always refused: {entry}: log4shell (p.yml, line 9)"
    assert [rule.rule for rule in verdict.broken] == ["nothing that is always refused"]
    other = AlwaysRefused(FindingPattern("CVE-1", "openssl", VersionRange.parse("<3.0.11")))
    assert judged(report(of(one)), replace(rules, always_refuse=(other,))).accepted


def test_an_unknown_package_matches_what_is_always_refused() -> None:
    rules = Policy(None, always_refuse=(AlwaysRefused(FindingPattern(package="xz-utils")),))
    assert not judged(report(of(Finding("CVE-9", S.LOW))), rules).accepted


# ------------------------------------------------------------------------- the life of an exception


@pytest.mark.parametrize(
    ("until", "accepted", "state"),
    [
        (TODAY - timedelta(days=1), False, "expired"),
        (TODAY, True, "used"),  # the last day is inside
        (TODAY + timedelta(days=1), True, "used"),
        (None, True, "used"),
    ],
)
def test_until_is_the_last_day(until: date | None, accepted: bool, state: str) -> None:
    verdict = judged(
        report(of(found())), Policy(exceptions=(excepted(FindingPattern("CVE-1"), until=until),))
    )
    assert verdict.accepted is accepted
    assert [(one.state, one.matched) for one in verdict.exceptions] == [(state, 1)]
    assert any("ended on" in one for one in verdict.warnings) is (state == "expired")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 15, 23, 59, 59, tzinfo=timezone.utc), date(2026, 6, 15)),
        (datetime(2026, 6, 16, 0, 0, tzinfo=timezone.utc), date(2026, 6, 16)),
        (datetime(2026, 6, 16, 1, 0, tzinfo=timezone(timedelta(hours=2))), date(2026, 6, 15)),
        (datetime(2026, 6, 15, 20, 0, tzinfo=timezone(timedelta(hours=-5))), date(2026, 6, 16)),
    ],
)
def test_the_day_is_that_of_utc(moment: datetime, day: date) -> None:
    assert utc_date(moment) == day


@pytest.mark.parametrize(
    ("about", "state"),
    [
        ({"fix": "NO"}, "used"),
        ({"fix": "YES"}, "outgrown"),
        ({"fix": "YES", "fixed_in": "3.0.14"}, "outgrown"),
        ({"fix": "", "fixed_in": "3.0.14"}, "outgrown"),
        ({"fix": "PARTIAL"}, "used"),  # of this package no fix is expected
        ({"fix": ""}, "used"),  # basic scanning never tells
    ],
)
def test_until_fixed(about: dict[str, Any], state: str) -> None:
    rules = Policy(exceptions=(excepted(FindingPattern("CVE-1"), until_fixed=True),))
    verdict = judged(report(of(found(**about))), rules)
    assert [one.state for one in verdict.exceptions] == [state]
    assert verdict.accepted is (state == "used")


@pytest.mark.parametrize(
    ("exception", "strict", "accepted", "warning"),
    [
        (excepted(FindingPattern("CVE-9"), until=TODAY), (), True, "matches no finding of this image"),
        (
            excepted(FindingPattern("CVE-9"), until=TODAY),
            ("unused",),
            False,
            "matches no finding of this image",
        ),
        (
            excepted(FindingPattern("CVE-9"), until=TODAY),
            ("expired", "outgrown"),
            True,
            "matches no finding of this image",
        ),
        (excepted(FindingPattern("CVE-9"), until=TODAY, central=True), ("unused",), True, ""),
        (
            excepted(FindingPattern("CVE-9"), until=date(2020, 1, 1)),
            ("expired",),
            False,
            "ended on 2020-01-01",
        ),
        (excepted(FindingPattern("CVE-9"), until=date(2020, 1, 1), central=True), ("expired",), True, ""),
        (
            excepted(FindingPattern("CVE-L"), until=date(2020, 1, 1), central=True),
            ("expired",),
            False,
            "ended on",
        ),
        (excepted(FindingPattern("CVE-L"), until=TODAY, reason=""), (), True, "has no reason"),
        (excepted(FindingPattern("CVE-L"), owner=""), (), True, "has no owner and no until"),
        (
            excepted(
                FindingPattern("CVE-L"), until=TODAY, reason="WHY-IT-IS-ACCEPTABLE", owner="WHO-DECIDES"
            ),
            (),
            True,
            "has no reason and no owner",
        ),
        (excepted(FindingPattern("CVE-L"), until_fixed=True), (), True, ""),
    ],
)
def test_problems_of_exceptions_are_reported_and_can_refuse(
    exception: PolicyException, strict: Any, accepted: bool, warning: str
) -> None:
    rules = Policy(exceptions=(exception,), strict=frozenset(strict))
    verdict = judged(report(of(found("CVE-L", S.LOW))), rules)
    assert verdict.accepted is accepted
    assert [bool(warning)] == [any(warning in one for one in verdict.warnings) and bool(warning)]
    assert bool(verdict.errors) is not accepted
    assert verdict.exceptions[0].where == "p.yml, line 3"


# ------------------------------------------------------------------------- VEX

IMAGE = Subject("123.example/team/app", "sha256:index")


@pytest.mark.parametrize(
    ("product", "subcomponents", "covered"),
    [
        ("pkg:oci/app", (), True),
        ("pkg:oci/other", (), False),
        ("pkg:oci/app@sha256%3Aindex", (), True),
        ("pkg:oci/app@sha256%3Aelse", (), False),
        ("pkg:oci/app?repository_url=123.example/team/app", (), True),
        ("pkg:oci/app?repository_url=456.example/team/app", (), False),
        ("pkg:oci/app?arch=amd64", (), True),
        ("pkg:oci/app?arch=arm64", (), False),
        ("pkg:oci/app?arch=x86_64&os=linux", (), True),
        ("pkg:oci/app?os=windows", (), False),
        ("pkg:oci/app?variant=v8", (), False),
        ("pkg:oci/app?tag=1.4.2", (), False),  # a tag moves
        ("pkg:oci/app#usr/bin", (), False),  # a part of the image
        ("PKG:OCI/App", (), True),
        ("sha256:index", (), True),
        ("123.example/team/app", (), True),
        ("123.example/team/app@sha256:index", (), True),
        ("123.example/team/app@sha256:else", (), False),
        ("pkg:oci/app", ("pkg:deb/debian/openssl",), True),
        ("pkg:oci/app", ("pkg:deb/debian/openssl@3.0.11?arch=amd64",), True),
        ("pkg:oci/app", ("pkg:deb/debian/openssl@3.0.11?arch=arm64",), False),
        ("pkg:oci/app", ("pkg:deb/debian/openssl@3.0.11?arch=all",), False),
        ("pkg:oci/app", ("pkg:deb/debian/openssl@3.0.12",), False),
        ("pkg:oci/app", ("pkg:deb/debian/zlib",), False),
        ("pkg:oci/app", ("pkg:pypi/openssl",), False),  # another kind of package
        ("pkg:oci/app", ("",), False),  # named by hashes alone: not everything
        ("pkg:deb/debian/openssl@3.0.11", (), True),
        ("pkg:deb/debian/openssl@3.0.11?arch=amd64", (), True),
        ("pkg:deb/debian/openssl@3.0.11?arch=arm64", (), False),
        ("pkg:deb/debian/openssl@3.0.11?distro=debian-12", (), False),  # no scan reports it
        ("pkg:deb/debian/openssl@3.0.11?distro=", (), True),  # an empty qualifier says nothing
        ("pkg:deb/debian/openssl", (), False),  # of every release that there ever was
        ("pkg:deb/debian/openssl@3.0.1", (), False),
        ("https://example.com/our-product", (), False),
    ],
)
def test_which_vex_products_are_ours(product: str, subcomponents: tuple[str, ...], covered: bool) -> None:
    said = Statement(("CVE-1",), "not_affected", (Product((product,), (), subcomponents),), "j")
    one = report(of(found(), platform="linux/amd64"))
    assert judged(one, Policy(vex=(said,)), subject=IMAGE).accepted is covered
    assert not judged(one, Policy(vex=(replace(said, names=("CVE-2",)),)), subject=IMAGE).accepted
    assert not judged(one, Policy(vex=(replace(said, status="affected"),)), subject=IMAGE).accepted


@pytest.mark.parametrize(
    ("purl", "manager", "name", "covered"),
    [
        ("pkg:pypi/My_Package@1.0", "PYTHONPKG", "my-package", True),
        ("pkg:npm/%40scope/name@1.0", "NODEPKG", "@scope/name", True),
        ("pkg:npm/@scope/name@1.0", "NPM", "@scope/name", True),
        ("pkg:npm/name@1.0", "NPM", "@scope/name", False),
        ("pkg:maven/org.apache/log4j@1.0", "JAR", "org.apache:log4j", True),
        ("pkg:golang/github.com/a/b@1.0", "GOBINARY", "github.com/a/b", True),
        ("pkg:golang/github.com/a/b@1.0", "JAR", "github.com/a/b", False),
        ("pkg:generic/x@1.0", "JAR", "x", True),
        ("pkg:docker/x@1.0", "JAR", "x", False),
        ("pkg:swift/x@1.0", "JAR", "x", False),  # a kind that we do not know
        # Names are compared as the type compares them.
        ("pkg:golang/github.com/azure/b@1.0", "GOBINARY", "github.com/Azure/b", True),
        ("pkg:composer/laravel/framework@1.0", "COMPOSER", "Laravel/Framework", True),
        ("pkg:npm/%40scope/name@1.0", "NPM", "@Scope/Name", True),
        ("pkg:pypi/zope.interface@1.0", "PIP", "zope-interface", True),
        ("pkg:maven/org.apache/log4j@1.0", "JAR", "org.apache:Log4j", False),
        ("pkg:cargo/serde@1.0", "CARGO", "Serde", False),
        ("pkg:rpm/redhat/curl@1.0", "OS", "Curl", False),
        # Qualifiers that cannot be compared with the scan.
        ("pkg:maven/org.apache/log4j@1.0?type=jar", "JAR", "org.apache:log4j", True),
        ("pkg:maven/org.apache/log4j@1.0?type=pom", "JAR", "org.apache:log4j", False),
        ("pkg:maven/org.apache/log4j@1.0?classifier=sources", "JAR", "org.apache:log4j", False),
        ("pkg:golang/github.com/a/b@1.0#cmd/c", "GOBINARY", "github.com/a/b", False),
        ("pkg:gem/x@1.0?platform=java", "BUNDLER", "x", False),
    ],
)
def test_purls_of_packages(purl: str, manager: str, name: str, covered: bool) -> None:
    said = Statement(("CVE-1",), "fixed", (Product((purl,)),))
    one = report(of(found(package=name, version="1.0", manager=manager)))
    assert judged(one, Policy(vex=(said,))).accepted is covered


@pytest.mark.parametrize(
    ("purl", "version", "covered"),
    [
        ("pkg:rpm/redhat/curl@7.50-1?epoch=1", "1:7.50-1", True),
        ("pkg:rpm/redhat/curl@7.50-1?epoch=1", "7.50-1", False),
        ("pkg:rpm/redhat/curl@7.50-1?epoch=1", "2:7.50-1", False),
        ("pkg:rpm/redhat/curl@7.50-1?epoch=0", "7.50-1", True),
        ("pkg:rpm/redhat/curl@1:7.50-1", "1:7.50-1", True),
        ("pkg:rpm/redhat/curl@7.50-1", "1:7.50-1", False),
    ],
)
def test_the_epoch_of_an_rpm_package_is_part_of_its_version(purl: str, version: str, covered: bool) -> None:
    said = Statement(("CVE-1",), "fixed", (Product((purl,)),))
    one = report(of(found(package="curl", version=version, distribution="redhat")))
    assert judged(one, Policy(vex=(said,))).accepted is covered


@pytest.mark.parametrize(
    ("purl", "distribution", "covered"),
    [
        ("pkg:deb/debian/openssl@3.0.11", "debian", True),
        ("pkg:deb/Debian/openssl@3.0.11", "debian", True),
        ("pkg:deb/ubuntu/openssl@3.0.11", "debian", False),
        ("pkg:deb/debian/openssl@3.0.11", "ubuntu", False),
        ("pkg:deb/debian/openssl@3.0.11", "", False),  # basic scanning, of a page that is not Debian's
        ("pkg:deb/openssl@3.0.11", "", True),  # it names none
        ("pkg:deb/openssl@3.0.11", "ubuntu", True),
        ("pkg:deb/openssl@3.0.11", "alpine", False),
        ("pkg:apk/alpine/openssl@3.0.11", "alpine", True),
        ("pkg:apk/wolfi/openssl@3.0.11", "alpine", False),
        ("pkg:rpm/amzn/openssl@3.0.11", "amazon", True),
        ("pkg:rpm/rhel/openssl@3.0.11", "redhat", True),
        ("pkg:rpm/fedora/openssl@3.0.11", "redhat", False),
        ("pkg:generic/openssl@3.0.11", "debian", True),
    ],
)
def test_a_statement_about_one_distribution_excludes_nothing_in_another(
    purl: str, distribution: str, covered: bool
) -> None:
    said = Statement(("CVE-1",), "fixed", (Product((purl,)),))
    one = report(of(found(distribution=distribution)))
    assert judged(one, Policy(vex=(said,))).accepted is covered
    # One that withdraws it is read without that.
    again = replace(said, status="affected", order=1.0)
    plain = Statement(("CVE-1",), "fixed", (Product(("pkg:generic/openssl@3.0.11",)),))
    assert not judged(one, Policy(vex=(plain, again))).accepted


QUALIFIERS = st.sampled_from(
    [
        "arch=arm64",
        "arch=amd64",
        "os=linux",
        "os=windows",
        "variant=v8",
        "tag=1.0",
        "distro=debian-12",
        "epoch=1",
        "type=jar",
        "own=1",
        "repository_url=123.example/team/app",
        "repository_url=x",
        "checksum=sha256:0",
    ]
)
PRODUCTS = st.sampled_from(
    ("pkg:oci/app", "pkg:oci/app@sha256%3Aindex", "pkg:deb/debian/openssl@3.0.11", "pkg:deb/debian/openssl")
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    product = Product((draw(PRODUCTS),), (), draw(st.sampled_from(((), ("pkg:deb/debian/openssl",)))))
    status = draw(st.sampled_from(("not_affected", "fixed", "affected", "under_investigation")))
    return Statement(("CVE-1",), status, (product,), "j", order=draw(st.integers(0, 3)))


@given(st.lists(statements(), min_size=1, max_size=4), st.data())
def test_a_qualifier_never_turns_a_refusal_into_an_acceptance(
    given: list[Statement], data: st.DataObject
) -> None:
    one = report(of(found(), platform="linux/amd64"))
    qualified = list(given)
    at = data.draw(st.integers(0, len(given) - 1), label="which")
    product = given[at].products[0]
    added = "?" + "&".join(
        data.draw(st.lists(QUALIFIERS, min_size=1, max_size=3, unique=True), label="added")
    )
    if product.subcomponents and data.draw(st.booleans(), label="of its subcomponent"):
        changed = replace(product, subcomponents=(product.subcomponents[0] + added,))
    else:
        changed = replace(product, identifiers=(product.identifiers[0] + added,))
    qualified[at] = replace(given[at], products=(changed,))
    if not judged(one, Policy(vex=tuple(given)), subject=IMAGE).accepted:
        assert not judged(one, Policy(vex=tuple(qualified)), subject=IMAGE).accepted


def test_a_statement_that_its_qualifiers_keep_from_applying_is_named_in_a_warning() -> None:
    said = replace(NOT_AFFECTED, products=(Product(("pkg:deb/debian/openssl@3.0.11?arch=arm64",)),))
    here, there = of(found(), platform="linux/amd64"), of(found(), platform="linux/arm64")
    (warning,) = judged(report(here), Policy(vex=(said,)), subject=IMAGE).warnings
    assert warning == (
        "VEX: CVE-1 not affected: vulnerable_code_not_present (vex.json, statement 1) was not applied: it is "
        "limited to arch=arm64, which does not match this image or cannot be compared with its scan"
    )
    assert judged(report(there), Policy(vex=(said,)), subject=IMAGE).accepted
    assert not judged(report(here, there), Policy(vex=(said,)), subject=IMAGE).warnings


@pytest.mark.parametrize(
    ("id_", "aliases", "covered"),
    [
        ("CVE-1", (), True),
        ("GHSA-1", ("CVE-1",), True),  # the scanner knows it by another name
        ("DSA-1", (), True),  # and so does the document
        ("CVE-2", ("DSA-1",), False),  # another vulnerability of the same advisory
    ],
)
def test_a_vex_statement_is_about_the_same_vulnerability(
    id_: str, aliases: tuple[str, ...], covered: bool
) -> None:
    said = replace(NOT_AFFECTED, names=("CVE-1", "DSA-1"))
    one = report(of(found(id=id_, aliases=aliases)))
    assert judged(one, Policy(vex=(said,)), subject=IMAGE).accepted is covered


def test_the_latest_vex_statement_applies_and_of_equals_the_stricter() -> None:
    def said(status: Any, order: float) -> Statement:
        return replace(NOT_AFFECTED, status=status, order=order)

    for statements, accepted in [
        ([said("affected", 1), said("not_affected", 2)], True),
        ([said("not_affected", 1), said("under_investigation", 2)], False),
        ([said("not_affected", 1), said("affected", 1)], False),
        ([said("affected", 1), said("fixed", 1)], False),
    ]:
        for order in (statements, statements[::-1]):
            verdict = judged(report(of(found())), Policy(vex=tuple(order)), subject=IMAGE)
            assert verdict.accepted is accepted


def test_only_vex_statements_about_this_image_are_reported() -> None:
    others = replace(NOT_AFFECTED, products=(Product(("pkg:oci/other",)),))
    unused = replace(NOT_AFFECTED, names=("CVE-7",))
    verdict = judged(report(of(found())), Policy(vex=(NOT_AFFECTED, others, unused)), subject=IMAGE)
    assert [(one.text[:10], one.state) for one in verdict.exceptions] == [
        ("VEX: CVE-1", "used"), ("VEX: CVE-7", "unused"),
    ]  # fmt: skip


# ------------------------------------------------------------------------- baseline


@pytest.mark.parametrize(
    ("known_on", "platform", "known"),
    [
        ({"": 1}, "", True),
        ({"linux/amd64": 1}, "linux/amd64", True),
        ({"linux/amd64": 1}, "linux/arm64", False),  # a platform that is new has only new findings
        ({"linux/amd64": 1, "linux/arm64": 0}, "linux/arm64", False),
        ({"linux/amd64": 1}, "", True),  # an image of one platform, after an index
        ({"": 1}, "linux/amd64", True),
    ],
)
def test_a_baseline_is_compared_by_platform(known_on: dict[str, int], platform: str, known: bool) -> None:
    baseline = Baseline("latest", {at: known_findings([found()][:some]) for at, some in known_on.items()})
    verdict = judged(report(of(found(), platform=platform)), Policy(baseline="latest"), baseline=baseline)
    assert verdict.accepted is known
    assert verdict.baseline == "latest"


def test_warnings_of_what_was_compared_are_handed_on() -> None:
    verdict = judged(
        report(of()), Policy(baseline="latest", layers="own"), baseline=Baseline("latest", {}, ("unread",))
    )
    assert verdict.warnings[0] == "unread"
    assert "layers: own needs the base image" in verdict.warnings[1]
    assert verdict.baseline == ""


# ------------------------------------------------------------------------- properties


@given(scans, policies, findings)
def test_one_more_finding_never_turns_refused_into_accepted(
    chosen: Any, rules: Policy, more: Finding
) -> None:
    platform, (listed, unlisted) = next(iter(chosen.items()))
    grown = {**chosen, platform: ((*listed, more), unlisted)}
    assert passes(build(chosen), rules) or not passes(build(grown), rules)


@given(scans, policies)
def test_one_exception_less_never_turns_refused_into_accepted(chosen: Any, rules: Policy) -> None:
    before = passes(build(chosen), rules)
    for at in range(len(rules.exceptions)):
        fewer = rules.exceptions[:at] + rules.exceptions[at + 1 :]
        assert before or not passes(build(chosen), replace(rules, exceptions=fewer))


@given(scans, policies, st.randoms())
def test_the_order_of_findings_and_platforms_never_matters(chosen: Any, rules: Policy, random: Any) -> None:
    mixed = {
        name: (tuple(random.sample(listed, len(listed))), more) for name, (listed, more) in chosen.items()
    }
    first = judged(build(chosen), rules)
    second = judged(build(dict(reversed(mixed.items()))), rules)
    assert first.accepted == second.accepted
    assert first.deciding == second.deciding or {*first.deciding} == {*second.deciding}
    assert first.exceptions == second.exceptions
    assert first.treatments == second.treatments
    assert sorted((rule.rule, rule.platform, rule.counted) for rule in first.rules) == sorted(
        (rule.rule, rule.platform, rule.counted) for rule in second.rules
    )


@given(scans, policies)
def test_judging_twice_is_the_same_and_every_finding_is_treated_once(chosen: Any, rules: Policy) -> None:
    scanned = build(chosen)
    verdict = judged(scanned, rules)
    assert verdict == judged(scanned, rules)
    assert [(one.platform, one.finding) for one in verdict.judged] == [
        (platform.platform, finding) for platform in scanned.platforms for finding in platform.findings
    ]
    assert sum(verdict.treatments.values()) == sum(len(listed) for listed, _ in chosen.values())
    assert all(one.by for one in verdict.judged)
    refused = {one.finding for one in verdict.judged if one.treatment is T.REFUSES}
    assert refused >= set(verdict.deciding)  # of what a total counts once, one platform's stands for all
    assert {(one.id, one.package) for one in refused} == {(one.id, one.package) for one in verdict.deciding}


def test_every_severity_is_worse_or_milder_than_every_other() -> None:
    for milder, worse in itertools.combinations(sorted(Severity), 2):
        assert not judged(report(scan({worse: 1})), policy(milder)).accepted


def test_each_of_many_exceptions_takes_out_what_it_matches() -> None:
    """benchmarks/findings.py judges 50,000 findings under 500 exceptions."""
    many = tuple(
        found(f"CVE-{number}", S(number % 7), f"package-{number % 300}", path=f"usr/lib/{number}")
        for number in range(2_000)
    )
    by_id = [
        excepted(FindingPattern(f"CVE-{number * 9}", versions=VersionRange.parse("<4")))
        for number in range(200)
    ]
    by_package = [
        excepted(FindingPattern(package=f"package-{number}", path="opt/**")) for number in range(100)
    ]
    rules = Policy(
        S.HIGH, {S.LOW: 9}, total_limits={S.LOW: 9}, max_cvss=9, exploited="refuse", unscored="ignore",
        exceptions=(*by_id, *by_package),
    )  # fmt: skip
    assert judged(report(of(*many)), rules).treatments[T.EXCEPTED] == 200


def test_findings_fixed_since_the_baseline_are_listed_worst_first() -> None:
    still, other_package = found("CVE-1"), found("CVE-2", package="zlib")
    gone, worse = found("CVE-3", S.LOW), found("CVE-4", S.CRITICAL)
    before = (still, found("CVE-2"), gone, worse)
    baseline = Baseline("latest", {"": known_findings(before)}, findings=before)
    verdict = judged(report(of(still, other_package)), Policy(baseline="latest"), baseline=baseline)
    assert [one.id for one in verdict.gone] == ["CVE-4", "CVE-2", "CVE-3"]
    assert judged(report(of(*before)), Policy(baseline="latest"), baseline=baseline).gone == ()


PYYAML = FindingPattern(package="PyYAML")
OF_CASE = "names are compared with their capital letters"


@pytest.mark.parametrize(
    ("what", "name", "said"),
    [
        (PYYAML, "pyyaml", "pyyaml"),
        (FindingPattern("CVE-1", "PyYAML"), "pyyaml", "pyyaml"),
        (FindingPattern("CVE-2", "PyYAML"), "pyyaml", ""),
        (FindingPattern("CVE-1", "PyYAML", path="/usr"), "pyyaml", ""),
        (PYYAML, "PyYAML", ""),
        (PYYAML, "PyYAML2", ""),
        (PYYAML, "", ""),
        (FindingPattern("CVE-1"), "pyyaml", ""),
    ],
)
def test_a_package_that_differs_in_case_alone_is_said(what: FindingPattern, name: str, said: str) -> None:
    one = report(of(found(package=name, version="5.3.1")))
    policy = Policy(S.HIGH, exceptions=(excepted(what, where="p.yml:3"),))
    warnings = judged(one, policy).warnings
    assert [it for it in warnings if OF_CASE in it] == (
        [f"exception {what} (p.yml:3) does not apply to the package {said}: {OF_CASE}"] if said else []
    )
    always = Policy(always_refuse=(AlwaysRefused(what, where="p.yml:3"),))
    assert any(f"always-refuse {what}" in it for it in judged(one, always).warnings) == bool(said)
