"""Outcomes made by hand, one for each way that a run can end, and one with 50,000 findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ecr_push.base.errors import BuildError, Interrupted, RegistryError, ScanError
from ecr_push.base.reference import Tag
from ecr_push.base.severity import Severity
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.delivery.services.plan import DeployError
from ecr_push.pipeline.deployment import Deployment, Step
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.image_test import ImageTest, ImageTestResult
from ecr_push.pipeline.local_image import LocalImage
from ecr_push.pipeline.outcome import Outcome, RunFacts, Superseded
from ecr_push.pipeline.replica import Replica
from ecr_push.pipeline.timeline import Span
from ecr_push.pipeline.verification import Check, Judgement, Provenance, Verification
from ecr_push.policy.judge import judge
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import ExceptionResult, JudgedFinding, RuleResult, Treatment, Verdict
from ecr_push.registry.image import PlatformImage, PushedImage
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.scan.findings import Finding, OtherScan, Package, PlatformScan, ScanReport
from tests.support.fakes import REPOSITORY, START, digest
from tests.support.plans import plan

AMD, ARM = "linux/amd64", "linux/arm64"
PUSHED = PushedImage(REPOSITORY, digest("image"), (PlatformImage(digest("image")),))
INDEX = PushedImage(
    REPOSITORY,
    digest("index"),
    (PlatformImage(digest("amd"), AMD), PlatformImage(digest("arm"), ARM)),
    is_index=True,
)
RULE = "no finding of HIGH or worse"
SUBJECT = "of HIGH or worse"

OPENSSL = Finding(
    "CVE-2026-0001",
    Severity.CRITICAL,
    "openssl",
    "3.0.9",
    "3.0.10",
    "CVE-2026-0001 - openssl",
    "https://nvd.nist.gov/vuln/detail/CVE-2026-0001",
    9.8,
    "A handshake can run code.",
    (Package("openssl", "3.0.9", "3.0.10", "OS", "", f"sha256:{'1' * 64}"),),
    0.42,
    True,
    "YES",
    ("GHSA-aaaa-bbbb-cccc",),
)
OPENSSL_TOO = replace(
    OPENSSL, id="CVE-2026-0002", severity=Severity.HIGH, fixed_in="3.0.11", score=7.5, exploited=False,
    epss=0.01, aliases=(), packages=(Package("openssl", "3.0.9", "3.0.11", "OS"),),
)  # fmt: skip
CERTIFI = Finding(
    "CVE-2023-37920", Severity.HIGH, "certifi", "2022.12.7", "2023.07.22", "CVE-2023-37920 - certifi",
    score=9.8, packages=(Package("certifi", "2022.12.7", "2023.07.22", "PYTHONPKG", "usr/lib/certifi"),),
    exploited=False, fix="YES",
)  # fmt: skip
LOG4J = Finding(
    "CVE-2021-44228", Severity.CRITICAL, "org.apache.logging.log4j:log4j-core", "2.14.1", "2.17.1",
    packages=(Package("org.apache.logging.log4j:log4j-core", "2.14.1", "2.17.1", "JAR", "app/log4j.jar"),),
    exploited=True, fix="YES",
)  # fmt: skip
ZLIB = Finding("CVE-2026-0003", Severity.HIGH, "zlib", "1.2.13", title="A buffer overflows", exploited=False)
PYYAML = Finding(
    "CVE-2020-14343", Severity.CRITICAL, "pyyaml", "5.3.1", "5.4", "Code runs\x1b[31m", score=9.8
)
BASH = Finding("CVE-2026-0004", Severity.LOW, "bash", "5.2")
NEW_WORD = Finding("CVE-2026-0005", Severity.UNRECOGNISED)
UNRATED = Finding("CVE-2026-0006", Severity.UNTRIAGED, "curl", "8.0")


def judged(finding: Finding, treatment: Treatment, by: str = RULE, platform: str = "") -> JudgedFinding:
    return JudgedFinding(finding, platform, treatment, by)


def outcome(verdict: Verdict, *scans: PlatformScan, pushed: PushedImage = PUSHED) -> Outcome:
    """A run that reached this verdict."""
    promoted = tuple(PromotedTag(tag.tag, "moved") for tag in plan().tags) if verdict.releases else ()
    return Outcome(
        plan(),
        None,
        pushed,
        candidate=None if verdict.releases else plan().candidate,
        scan=ScanReport("enhanced", scans),
        verdict=verdict,
        promoted=promoted,
        seconds={"build": 12.5, "scan": 30.0},
        timeline=(
            Span("build", 0.5, 12.9, False),
            Span("build", 0.9, 12.5, True),
            Span("scan", 13.4, 30.0, True),
        ),
        run=RunFacts(
            started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
            tool_version="0.1.0",
            url="https://ci.example/run/7",
            actor="kim",
            dockerfile="images/app/Dockerfile",
        ),
    )


def scan(*findings: Finding, platform: str = "", **more: str) -> PlatformScan:
    name = {AMD: "amd", ARM: "arm", "": "image"}[platform]
    return PlatformScan(digest(name), platform, "ACTIVE", findings, **more)  # type: ignore[arg-type]


def rule(*findings: Finding, allowed: int = 0, platform: str = "", counted: int | None = None) -> RuleResult:
    return RuleResult(
        RULE, platform, allowed, len(findings) if counted is None else counted, findings, subject=SUBJECT
    )


def accepted_or_refused(*findings: Finding, policy: Policy | None = None) -> Outcome:
    """A run whose scan has these findings, judged by the default policy, or by another one."""
    found = scan(*findings)
    verdict = judge(ScanReport("enhanced", (found,)), policy or Policy(), today=START.date())
    return outcome(verdict, found)


def failed(error: BuildError | ScanError | RegistryError | Interrupted, phase: str) -> Outcome:
    facts = RunFacts(started_at=datetime(2026, 1, 2, tzinfo=timezone.utc))
    return Outcome(plan(), failure=Failure.of(error, phase), run=facts)


def with_facts(outcome: Outcome, **facts: Any) -> Outcome:
    """The outcome with other facts of its run."""
    return replace(outcome, run=replace(outcome.run, **facts))


ACCEPTED = outcome(
    Verdict(True, (rule(),), judged=(judged(BASH, Treatment.BELOW, "no rule counts LOW"),)), scan(BASH)
)

REFUSED = outcome(
    Verdict(
        False,
        (rule(OPENSSL, OPENSSL_TOO, CERTIFI, ZLIB, NEW_WORD),),
        warnings=("exception CVE-2020-0001 in bash (ecr-push.yml, line 9) matches no finding of this image",),
        judged=(
            *(judged(one, Treatment.REFUSES) for one in (OPENSSL, OPENSSL_TOO, CERTIFI, ZLIB, NEW_WORD)),
            judged(LOG4J, Treatment.EXCEPTED, "exception of team platform until 2026-01-12: not reachable"),
            judged(BASH, Treatment.BELOW, "no rule counts LOW"),
            judged(UNRATED, Treatment.KNOWN, "latest has it too"),
        ),
        exceptions=(
            ExceptionResult("CVE-2021-44228 in log4j-core", "used", "not reachable", "platform",
                            "2026-01-12", 1, "ecr-push.yml, line 7"),
            ExceptionResult("CVE-2020-0001 in bash", "unused", "old", "kim", where="ecr-push.yml, line 9"),
            ExceptionResult("CVE-2020-0002", "expired", "old", "kim", "2025-12-31", 0, "vex.yml, line 1"),
            ExceptionResult("CVE-2020-0003", "used", "fine", "kim", "2027-01-01", 1),
        ),
        baseline="latest (sha256:0123456789ab)",
    ),
    scan(OPENSSL, OPENSSL_TOO, CERTIFI, ZLIB, NEW_WORD, LOG4J, BASH, UNRATED),
)  # fmt: skip

PLATFORMS = outcome(
    Verdict(
        False,
        (rule(CERTIFI, platform=AMD), rule(CERTIFI, OPENSSL, platform=ARM)),
        judged=(
            judged(CERTIFI, Treatment.REFUSES, platform=AMD),
            judged(CERTIFI, Treatment.REFUSES, platform=ARM),
            judged(OPENSSL, Treatment.REFUSES, platform=ARM),
            judged(LOG4J, Treatment.NOT_AFFECTED, "vex/log4j.json says so", platform=AMD),
            judged(LOG4J, Treatment.EXCEPTED, "an exception", platform=ARM),
        ),
    ),
    scan(CERTIFI, LOG4J, platform=AMD),
    scan(CERTIFI, OPENSSL, LOG4J, platform=ARM),
    pushed=INDEX,
)

TESTS = (
    ImageTestResult(ImageTest("--version", in_image=True), "passed", 0, seconds=1.5, output=("app 1.4.2",)),
    ImageTestResult(
        ImageTest("./smoke-test.sh"),
        "failed",
        3,
        "exit code 3",
        2.0,
        ("GET /health", "expected 200, got 503"),
    ),
    ImageTestResult(ImageTest("./slow.sh"), "ended"),
    ImageTestResult(ImageTest("./last.sh")),
)
WARNED = outcome(
    Verdict(True, (), warnings=("the image was not scanned: UnsupportedImageError",)),
    scan(unscannable="UnsupportedImageError"),
)
CHECKS = (
    BuildCheck(
        "FromAsCasing", "'as' and 'FROM' keywords' casing do not match", "https://docs.docker.com/x", 1
    ),
    BuildCheck("JSONArgsRecommended", "JSON arguments recommended for CMD", "https://docs.docker.com/y", 5),
)
FAR = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/team/app"
REPLICAS = (
    Replica(
        "eu-west-1", "123456789012", f"{REPOSITORY.uri}@{PUSHED.digest}", "COMPLETE", tags=("1.4.2", "latest")
    ),
    Replica("us-east-1", "123456789012", status="FAILED", failure="AccessDenied"),
    Replica(
        "us-west-2", "210987654321", status="COMPLETE", others=(("latest", f"sha256:{'1' * 64}"), ("1.4", ""))
    ),
)
DESTINATIONS = (
    DestinationResult(
        FAR,
        result="released",
        reference=f"{FAR}@{PUSHED.digest}",
        created=True,
        promoted=(
            PromotedTag(Tag("1.4.2"), "moved"),
            PromotedTag(Tag("1.4"), "already"),
            PromotedTag(Tag("latest"), "kept", "1.5.0 is higher"),
        ),
    ),
    DestinationResult(
        "public.ecr.aws/acme/app",
        required=False,
        result="failed",
        failure=Failure.of(RegistryError("PUT was answered with HTTP 403", why="DENIED"), "copy"),
    ),
    DestinationResult(
        "team/third (region eu-west-3)",
        result="failed",
        failure=Failure.of(RegistryError("there is no repository", remedy="create it"), "registry"),
    ),
    DestinationResult("team/fourth", result="held", reference=f"{FAR}-4@{PUSHED.digest}"),
    DestinationResult("team/fifth"),
)
DEPLOYMENT = Deployment(
    "service shop in cluster <prod>",
    "registry.example/team/app@sha256:1",
    "deployed",
    ("registry.example/team/app:1",),
    (Step("register a revision of task definition shop", "shop:2"),),
)
OUTCOMES = {
    "accepted": ACCEPTED,
    "refused": REFUSED,
    "platforms": PLATFORMS,
    "not scanned, and let through": WARNED,
    "superseded": replace(ACCEPTED, superseded=Superseded(PUSHED, plan().candidate)),
    "superseded, and its candidate removed": replace(ACCEPTED, superseded=Superseded(PUSHED, None)),
    "observed": accepted_or_refused(OPENSSL, ZLIB, policy=Policy(observe=True)),
    "without a threshold": accepted_or_refused(OPENSSL, policy=Policy(None)),
    "refused without a finding": outcome(
        Verdict(False, (rule(),), errors=("an exception is over: CVE-2020-0002",)), scan()
    ),
    "counted, not listed": outcome(Verdict(False, (rule(counted=7),)), scan()),
    "a test failed": replace(ACCEPTED, promoted=(), candidate=plan().candidate, tests=TESTS[:2]),
    "refused, and a test failed": replace(REFUSED, tests=TESTS[:2]),
    "no answer, and a test failed": replace(failed(ScanError("the scan failed"), "scan"), tests=TESTS),
    "with another scanner": replace(
        REFUSED,
        scan=replace(REFUSED.scan, others=(OtherScan("trivy.json", "Trivy 0.70.0", 7, 2),))
        if REFUSED.scan
        else None,
    ),
    "build failed": failed(
        BuildError(
            "the build failed", why="step 3/4\nno such file: app.py", remedy="read the builder's lines"
        ),
        "build",
    ),
    "registry": failed(RegistryError("ECR refused", why="AccessDenied"), "push"),
    "no answer": failed(ScanError("the scan gave no answer within 15m"), "scan"),
    "interrupted": failed(Interrupted(15), "scan"),
    "promotion failed": replace(
        ACCEPTED,
        promoted=(PromotedTag(Tag("1.4.2"), "moved"),),
        failure=Failure.of(RegistryError("ECR refused"), "promote"),
    ),
    "released elsewhere too": replace(ACCEPTED, destinations=DESTINATIONS[:2]),
    "a destination failed": replace(
        ACCEPTED,
        promoted=(),
        destinations=DESTINATIONS,
        failure=Failure.of(RegistryError("3 repositories cannot get the image", why="- a: b"), "copy"),
    ),
    "replicated": replace(ACCEPTED, replicas=REPLICAS[:1]),
    "not replicated": replace(
        ACCEPTED,
        replicas=REPLICAS,
        failure=Failure.of(RegistryError("2 of 3 destinations", why="- us-east-1/1: FAILED"), "replicate"),
    ),
    "planned for others too": Outcome(
        plan(), destinations=(DestinationResult(FAR, result="planned", exists=False),)
    ),
    "planned": Outcome(plan(), run=RunFacts(tool_version="0.1.0")),
    "checked": Outcome(
        plan(),
        checked="a pull request from a fork is built and checked",
        run=RunFacts(tool_version="0.1.0"),
    ),
    "build checks": replace(
        failed(BuildError("the build checks of docker find 2 in Dockerfile"), "check"), build_checks=CHECKS
    ),
    "accepted, with build checks": replace(ACCEPTED, build_checks=CHECKS),
    "built": Outcome(
        replace(plan(), tags=()),
        pushed=ACCEPTED.pushed,
        candidate=plan().candidate,
        is_part=True,
        run=RunFacts(tool_version="0.1.0"),
    ),
    "verified": Outcome(
        pushed=ACCEPTED.pushed,
        verification=Verification("team/app:1.4.2", (Check("signature", "by cosign.pub"),)),
    ),
    "not verified": Outcome(
        pushed=ACCEPTED.pushed,
        verification=Verification(
            "team/app:1.4.2",
            (
                Check("signature", why="none by cosign.pub"),
                Check("verdict", "accepted", "its scan ended 40 days ago"),
                Check("provenance", "commit 1", ""),
            ),
            Judgement("accepted", f"sha256:{'1' * 64}", "", "1.4.2", START, "1", "cosign.pub"),
            (Provenance(AMD, "https://ci.example/1", "https://github.com/acme/app", "1" * 40),),
        ),
    ),
    "deployed": Outcome(pushed=ACCEPTED.pushed, deployment=DEPLOYMENT),
    "a deployment that is planned": Outcome(
        pushed=ACCEPTED.pushed, deployment=replace(DEPLOYMENT, result="planned")
    ),
    "a deployment that failed": replace(
        failed(DeployError("the rollout of service shop failed", why="no <capacity>"), "deploy"),
        pushed=ACCEPTED.pushed,
        deployment=replace(DEPLOYMENT, result="failed", steps=()),
    ),
    "kept on one machine": Outcome(
        plan(),
        local=LocalImage(("shop:test",), ("out/<shop>.tar",), f"sha256:{'a' * 64}", ("linux/amd64",)),
        run=RunFacts(tool_version="0.1.0"),
    ),
    "nothing": Outcome(),
}


def many(number: int = 50_000, refusing: int = 10_000) -> Outcome:
    """One image with so many findings, each with the texts that Inspector gives."""
    description = "A flaw was found in how input is parsed: a remote attacker can crash the service. " * 7
    severities: Sequence[Severity] = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
    found = tuple(
        Finding(
            f"CVE-2026-{count // 3:05}",
            severities[count % 4],
            f"package-{count % 700}",
            f"1.{count % 50}",
            f"1.{count % 50 + 1}" if count % 3 else "",
            f"CVE-2026-{count // 3:05} - package-{count % 700}",
            f"https://nvd.nist.gov/vuln/detail/CVE-2026-{count // 3:05}",
            round(count % 100 / 10, 1),
            description,
            (
                Package(
                    f"package-{count % 700}", f"1.{count % 50}", "", "NPM", f"app/node_modules/{count % 700}"
                ),
            ),
            0.01,
            count % 50 == 0,
            "YES" if count % 3 else "NO",
        )
        for count in range(number)
    )
    treatments = (Treatment.EXCEPTED, Treatment.BELOW, Treatment.KNOWN, Treatment.COUNTED)
    return outcome(
        Verdict(
            False,
            (rule(*found[:refusing]),),
            judged=tuple(
                judged(one, Treatment.REFUSES if count < refusing else treatments[count % 4])
                for count, one in enumerate(found)
            ),
        ),
        scan(*found),
    )
