"""Outcomes as a person may meet them in the HTML report, with verdicts made by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timezone

from ecr_push.base.errors import BuildError, Interrupted, RegistryError, ScanError
from ecr_push.base.reference import Tag
from ecr_push.base.severity import Severity
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.pipeline.preflight import Preflight
from ecr_push.policy.verdict import ExceptionResult, JudgedFinding, RuleResult, Treatment, Verdict
from ecr_push.registry.image import PlatformImage, PushedImage
from ecr_push.registry.interface import RepositoryState
from ecr_push.release.moves import TagMoves
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.scan.findings import Finding, Package, PlatformScan, ScanReport
from tests.support.fakes import REPOSITORY, digest
from tests.support.plans import plan
from tests.support.sources import changed

AMD, ARM = "linux/amd64", "linux/arm64"
IMAGES = (PlatformImage(digest("amd64"), AMD), PlatformImage(digest("arm64"), ARM))
PUSHED = PushedImage(REPOSITORY, digest("index"), IMAGES, is_index=True)
BASE_LAYER, OWN_LAYER, PIP_LAYER = (digest(name).value for name in ("base", "own", "pip"))
BASE_LAYERS = frozenset({BASE_LAYER})
SECONDS = {
    "source": 0.1,
    "plan": 0.02,
    "registry": 0.6,
    "build": 48.3,
    "push": 3.2,
    "scan": 21.7,
    "judge": 0.03,
}
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc)
RULE_HIGH, RULE_MEDIUM = "no finding of HIGH or worse", "at most 10 of MEDIUM"


def finding(
    identifier: str,
    severity: Severity,
    package: str,
    version: str,
    fixed_in: str = "",
    *,
    title: str = "",
    layer: str = BASE_LAYER,
    manager: str = "OS",
    path: str = "",
    seen: str = "2025-12-20T08:00:00Z",
    score: float | None = None,
    epss: float | None = None,
    fix: str = "",
    exploited: bool | None = None,
    description: str = "",
    also: tuple[str, ...] = (),
) -> Finding:
    packages = tuple(Package(name, version, fixed_in, manager, path, layer) for name in (package, *also))
    return Finding(
        identifier,
        severity,
        ", ".join((package, *also)),
        version,
        fixed_in,
        title or f"{identifier} - {package}",
        f"https://advisories.example/{identifier}",
        score,
        description,
        packages,
        epss,
        exploited,
        fix or ("YES" if fixed_in else "NO"),
        first_seen=seen,
    )


REFUSING = (
    finding(
        "CVE-2025-10001",
        Severity.CRITICAL,
        "openssl",
        "3.0.11-1",
        "3.0.15-1",
        score=9.8,
        epss=0.913,
        exploited=True,
        also=("libssl3",),
        title="A crafted certificate overflows a buffer",
        description="A certificate with a very long name overflows a buffer while a chain is checked.\n"
        "A server that asks its clients for certificates can be reached without logging in.",
    ),
    finding(
        "CVE-2025-10002",
        Severity.HIGH,
        "openssl",
        "3.0.11-1",
        "3.0.13-1",
        score=7.5,
        epss=0.041,
        title="Slow handshakes exhaust memory",
        exploited=False,
    ),
    finding(
        "GHSA-aaaa-bbbb-cccc",
        Severity.HIGH,
        "pyyaml",
        "5.3.1",
        "5.4",
        score=8.1,
        epss=0.2,
        manager="PYTHON",
        path="app/lib/python3.12/site-packages/PyYAML-5.3.1.dist-info/METADATA",
        layer=PIP_LAYER,
        title="Loading a document runs code",
        seen="2026-01-01T23:00:00Z",
        exploited=True,
    ),
    finding(
        "CVE-2025-10003", Severity.HIGH, "zlib1g", "1:1.2.13", score=7.1, title="Integer overflow in a header"
    ),
)
ALLOWED = tuple(
    finding(
        f"CVE-2024-2{number:04}",
        Severity.MEDIUM,
        package,
        version,
        fixed,
        score=5.0 + number / 10,
        epss=number / 1000,
        seen=f"2025-{number + 1:02}-10T00:00:00Z",
        title=title,
    )
    for number, (package, version, fixed, title) in enumerate(
        [
            ("libc6", "2.36-9", "2.36-9+deb12u9", "A wrong locale reads beyond its table"),
            ("libc6", "2.36-9", "2.36-9+deb12u8", "Temporary files can be guessed"),
            ("curl", "7.88.1-10", "7.88.1-10+deb12u8", "A redirect keeps a header that it should drop"),
            ("perl-base", "5.36.0", "", "A regular expression takes very long"),
            ("tar", "1.34", "", "An archive can write beside its folder"),
            ("openssl", "3.0.11-1", "3.0.14-1", "A time difference tells part of a key"),
        ]
    )
)
BELOW = (
    *(
        finding(
            f"CVE-2011-3{number:03}",
            Severity.LOW,
            "apt",
            "2.6.1",
            seen="2023-06-01T00:00:00Z",
            title="It is not checked that a mirror is the one that was named",
        )
        for number in range(9)
    ),
    finding("CVE-2026-00009", Severity.UNTRIAGED, "libxml2", "2.9.14", title="No assessment yet"),
)
EXCEPTED = finding(
    "CVE-2025-40001", Severity.CRITICAL, "busybox", "1.35", "1.36", score=9.1, epss=0.01, layer=OWN_LAYER
)
NOT_AFFECTED = finding("CVE-2025-40002", Severity.HIGH, "libgnutls30", "3.7.9", "3.7.10", score=7.4)
KNOWN = finding("CVE-2025-40003", Severity.HIGH, "git", "2.39.2", "2.39.5", score=7.8, layer=OWN_LAYER)
EXCEPTIONS = (
    ExceptionResult(
        "CVE-2025-40001 in busybox",
        "used",
        "only the shell's applets are linked",
        "team-base",
        "2026-03-31",
        2,
        "ecr-push.yml:31",
    ),
    ExceptionResult(
        "CVE-2025-40002", "used", "vulnerable code is not in the execute path", "", "", 2, "vex/openvex.json"
    ),
    ExceptionResult(
        "CVE-2023-0001 in openssl",
        "expired",
        "the update broke the login",
        "team-auth",
        "2025-12-31",
        0,
        "ecr-push.yml:24",
    ),
    ExceptionResult("CVE-2022-9999 in jquery", "unused", "", "team-web", "2026-06-30", 0, "ecr-push.yml:38"),
    ExceptionResult(
        "CVE-2024-20000 in libc6, until it is fixed",
        "outgrown",
        "no fix yet",
        "team-base",
        "",
        2,
        "ecr-push.yml:45",
    ),
)
EXCEPTION_WARNINGS = (
    "the exception for CVE-2023-0001 in openssl (ecr-push.yml:24) ended on 2025-12-31",
    "the exception for CVE-2022-9999 in jquery (ecr-push.yml:38) no longer matches a finding: remove it",
)


def _judged(*groups: tuple[tuple[Finding, ...], Treatment, str]) -> tuple[JudgedFinding, ...]:
    return tuple(
        JudgedFinding(one, platform, treatment, by)
        for platform in (AMD, ARM)
        for found, treatment, by in groups
        for one in found
    )


def _rules(refusing: tuple[Finding, ...], medium: tuple[Finding, ...]) -> tuple[RuleResult, ...]:
    return tuple(
        rule
        for platform in (AMD, ARM)
        for rule in (
            RuleResult(RULE_HIGH, platform, 0, len(refusing), refusing),
            RuleResult(RULE_MEDIUM, platform, 10, len(medium), medium),
        )
    )


def _outcome(verdict: Verdict, **more: object) -> Outcome:
    scans = tuple(
        PlatformScan(
            image.digest,
            image.platform,
            "ACTIVE",
            tuple(one.finding for one in verdict.judged if one.platform == image.platform),
            completed_at="2026-01-02T03:03:20Z",
        )
        for image in IMAGES
    )
    scanning: Future = Future()
    before = {Tag("latest"): digest("old"), Tag("1"): digest("old")}
    made = plan()
    preflight = Preflight(REPOSITORY, RepositoryState(REPOSITORY), before, scanning, TagMoves(made.tags))
    return Outcome(
        made,
        preflight,
        PUSHED,
        scan=ScanReport("enhanced", scans),
        verdict=replace(verdict, base_layers=BASE_LAYERS),
        seconds=SECONDS,
        run=RunFacts(finished_at=MADE, url="https://ci.example/acme/app/runs/4711"),
        candidate=None if verdict.accepted else made.candidate,
        **more,
    )


def refused() -> Outcome:
    judged = _judged(
        (REFUSING, Treatment.REFUSES, f"rule: {RULE_HIGH}"),
        (ALLOWED, Treatment.COUNTED, f"rule: {RULE_MEDIUM}"),
        (BELOW, Treatment.BELOW, "no rule counts LOW or UNTRIAGED"),
        ((EXCEPTED,), Treatment.EXCEPTED, "exception in ecr-push.yml:31, team-base, until 2026-03-31"),
        ((NOT_AFFECTED,), Treatment.NOT_AFFECTED, "vex/openvex.json: vulnerable code not in execute path"),
        ((KNOWN,), Treatment.KNOWN, "the baseline has it too"),
    )
    return _outcome(
        Verdict(
            False,
            _rules(REFUSING, ALLOWED),
            EXCEPTION_WARNINGS,
            judged,
            EXCEPTIONS,
            baseline="latest (sha256:5f1c9aa2b7d4)",
            policy=("ecr-push.yml", "s3://acme-policies/images.yml"),
            gone=(finding("CVE-2025-30000", Severity.CRITICAL, "expat", "2.5.0"),),
        )
    )


def accepted() -> Outcome:
    judged = _judged(
        (ALLOWED, Treatment.COUNTED, f"rule: {RULE_MEDIUM}"), (BELOW, Treatment.BELOW, "no rule counts LOW")
    )
    verdict = Verdict(True, _rules((), ALLOWED), (), judged, policy=("ecr-push.yml",))
    promoted = tuple(PromotedTag(tag.tag, "moved") for tag in plan().tags[:-1])
    kept = PromotedTag(Tag("latest"), "kept", "2.0.0 is higher")
    return replace(_outcome(verdict), promoted=(*promoted, kept), seconds={**SECONDS, "promote": 1.4})


def clean() -> Outcome:
    """Nothing found, by basic scanning, of a single image, in a sandbox."""
    image = PlatformImage(digest("one"))
    return Outcome(
        plan(),
        None,
        PushedImage(REPOSITORY, image.digest, (image,)),
        scan=ScanReport(
            "basic", (PlatformScan(image.digest, "", "COMPLETE", completed_at="2026-01-02T03:03:20Z"),)
        ),
        verdict=Verdict(True, (RuleResult(RULE_HIGH, "", 0, 0, ()),)),
        promoted=tuple(PromotedTag(tag.tag, "moved") for tag in plan().tags),
        seconds=SECONDS,
        run=RunFacts(sandbox=True),
    )


def no_answer() -> Outcome:
    error = ScanError(
        "the scan of sha256:1b2c3d4e5f60 had no answer within 15m",
        why="linux/amd64: COMPLETE\nlinux/arm64: PENDING",
        remedy="run again: the image is there, only its scan is awaited; or raise --scan-timeout",
    )
    return Outcome(
        plan(), None, PUSHED, candidate=plan().candidate, failure=Failure.of(error, "scan"), seconds=SECONDS
    )


def failed() -> Outcome:
    error = BuildError(
        "docker buildx build ended with 1",
        why="#9 [4/5] RUN pip install -r requirements.txt\n#9 ERROR: No matching distribution for "
        "requets\n------\nDockerfile:7\n--------------------",
        remedy="fix the build, then run again",
    )
    return Outcome(
        plan(), failure=Failure.of(error, "build"), seconds={"source": 0.1, "registry": 0.6, "build": 9.0}
    )


def half_promoted() -> Outcome:
    done = accepted()
    error = RegistryError(
        "ECR refused to point 1 to the image", why="AccessDeniedException", remedy="allow ecr:PutImage"
    )
    return replace(done, promoted=done.promoted[:2], failure=Failure.of(error, "promote"))


def interrupted() -> Outcome:
    return Outcome(plan(), failure=Failure.of(Interrupted(15), "build"), seconds={"build": 2.0})


def planned() -> Outcome:
    return Outcome(plan())


def many(count: int = 20_000) -> Outcome:
    """A large image of one platform, the same at every call."""
    dice = random.Random(1)
    levels = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.UNTRIAGED]
    layers = [digest(f"layer{number}").value for number in range(12)]
    text = "a crafted request header file name lets remote attackers read the memory or stop a service"
    words = text.split()
    found = tuple(
        finding(
            f"CVE-{2010 + number % 17}-{number:05}",
            dice.choices(levels, (1, 8, 40, 45, 6))[0],
            f"package-{dice.randrange(700)}",
            f"1.{dice.randrange(30)}.{dice.randrange(9)}",
            f"2.{dice.randrange(30)}.0" if dice.random() < 0.4 else "",
            title=" ".join(dice.sample(words, 8)).capitalize(),
            description=" ".join(dice.choices(words, k=60)).capitalize() + ".",
            layer=dice.choice(layers),
            score=round(dice.uniform(1, 10), 1),
            epss=round(dice.random() ** 6, 4),
            path=f"usr/lib/module-{dice.randrange(900)}/package.json",
            manager="NODEPKG",
            seen=f"20{dice.randrange(23, 26)}-0{dice.randrange(1, 10)}-11T00:00:00Z",
        )
        for number in range(count)
    )
    refusing = tuple(one for one in found if one.severity >= Severity.HIGH)
    rest = tuple(one for one in found if one.severity < Severity.HIGH)
    image = PlatformImage(digest("one"))
    verdict = Verdict(
        not refusing,
        (RuleResult(RULE_HIGH, "", 0, len(refusing), refusing),),
        (),
        (
            *(JudgedFinding(one, "", Treatment.REFUSES, f"rule: {RULE_HIGH}") for one in refusing),
            *(JudgedFinding(one, "", Treatment.BELOW, "no rule counts it") for one in rest),
        ),
    )
    return Outcome(
        plan(),
        None,
        PushedImage(REPOSITORY, image.digest, (image,)),
        candidate=plan().candidate,
        verdict=verdict,
        scan=ScanReport("enhanced", (PlatformScan(image.digest, "", "ACTIVE", found),)),
        seconds=SECONDS,
        run=RunFacts(finished_at=MADE),
    )


SAMPLES: dict[str, Callable[[], Outcome]] = {
    "accepted": accepted,
    "refused": refused,
    "nothing-found": clean,
    "no-answer": no_answer,
    "failed": failed,
    "half-promoted": half_promoted,
    "interrupted": interrupted,
    "planned": planned,
    "20000-findings": many,
}

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "&lt;b&gt; &amp;amp;",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b]8;;https://evil.example\x07",
    "abc\u202egnp.exe",
    "line\u2028separator\u2029paragraph\x85next",
    "\x00\ud800 lone",
    "-->",
    "'; DROP TABLE",
]


def full_of(text: str) -> Outcome:
    """A refused image that has text in every place that others write to."""
    package = Package(text, text, text, text, text, text)
    found = Finding(
        text, Severity.HIGH, text, text, text, f"t{text}", text, 9.0, text, (package,), 0.5, True, "YES",
        (text,), text,
    )  # fmt: skip
    verdict = Verdict(
        False,
        (RuleResult(text, text, 0, 1, (found,)),),
        (text,),
        (JudgedFinding(found, text, Treatment.REFUSES, text),),
        (ExceptionResult(text, "expired", text, text, text, 1, text),),
        (text,),
        text,
        (text,),
        (found,),
        BASE_LAYERS,
    )
    base = refused()
    assert base.plan is not None and base.scan is not None
    source = changed(base.plan.source, branch=text, pull_request=text, remote_url=text)
    scans = tuple(replace(one, platform=text, status=text, completed_at=text) for one in base.scan.platforms)
    return replace(
        base,
        plan=replace(base.plan, source=source, version=replace(base.plan.version, why=text)),
        verdict=verdict,
        scan=replace(base.scan, platforms=scans),
        promoted=(PromotedTag(Tag("latest"), "kept", text),),
        failure=Failure("promote", text, text, text, text, 4),
        run=replace(base.run, url=text),
        created_repository=text,
        seconds={text: 1.0},
    )
