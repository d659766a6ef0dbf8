"""Outcome -> JUnit XML, for the test views of Jenkins and of CodeBuild's report groups. Pure.

A test is a rule on a platform, or a finding that caused a refusal. What an exception accepts is skipped, with
the reason; a run that stopped has one error. There is always at least one test: Jenkins reports a file
without tests as an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import RuleResult, Treatment, Verdict
from ecr_push.report import advice
from ecr_push.report.destinations_text import state
from ecr_push.report.escape import one_line, xml, xml_attribute
from ecr_push.report.tests_text import last_lines, summary
from ecr_push.scan.findings import Finding

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.pipeline.replica import Replica

# CodeBuild's limit for a report: https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html
MOST_CASES = 500
_LONGEST_MESSAGE = 1000  # characters, of an attribute
_LONGEST_BODY = 10_000
_SHOWN_FINDINGS = 50  # in a rule's text

_UNJUDGED = "what is a part of an image, or on one machine alone, is not judged"

_Ending = Literal["", "failure", "error", "skipped"]


@dataclass(frozen=True)
class _Case:
    """One test. where becomes its class: the platform, `image`, `tests`, `destinations`, `run` …"""

    where: str
    name: str
    ending: _Ending = ""
    kind: str = ""
    message: str = ""
    body: str = ""
    seconds: float = 0.0


def render(outcome: Outcome) -> str:
    cases = _with_steps(list(_cases(outcome)), outcome)
    if outcome.status == "observed":  # a failed test would stop or mark the build
        cases = [_observed(case) if case.ending == "failure" else case for case in cases]
    cases = sorted(cases, key=_rank)
    if len(cases) > MOST_CASES:
        more = f"{len(cases) - MOST_CASES + 1} more: {advice.all_findings(outcome)}"
        cases = [
            *cases[: MOST_CASES - 1],
            _Case("image", "what is not listed here", "skipped", "limit", more),
        ]
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(case.where, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="ecr-push" {_counts(cases)}>']
    for where, members in suites.items():
        lines += _suite(where, members, outcome)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _with_steps(cases: list[_Case], outcome: Outcome) -> list[_Case]:
    """Adds what to do to the first test that did not pass, which test views show first."""
    worst = min((one for one in cases if one.ending in ("error", "failure")), key=_rank, default=None)
    if worst is None or advice.went_well(outcome):
        return cases
    from ecr_push.report.text_steps import plain_steps

    body = "\n\n".join(filter(None, (worst.body, plain_steps(outcome))))
    return [replace(one, body=body) if one is worst else one for one in cases]


def _rank(case: _Case) -> int:
    return _ORDER[case.ending]


def _observed(case: _Case) -> _Case:
    return replace(case, ending="skipped", message=f"refused, if it were not only observed: {case.message}")


def _build_checks(outcome: Outcome) -> Iterable[_Case]:
    """What docker found in the Dockerfile: it fails nothing but a run that does nothing else."""
    alone = outcome.failure is not None and outcome.failure.phase == "check"
    for one in outcome.build_checks:
        name = f"{one.rule}, line {one.line}" if one.line else one.rule
        yield _Case("Dockerfile", name, "failure" if alone else "skipped", "check", one.text, one.url)


_ORDER = {"error": 0, "failure": 1, "": 2, "skipped": 3}


def _cases(outcome: Outcome) -> Iterable[_Case]:
    if failure := outcome.failure:
        yield _Case("run", f"phase {failure.phase}", "error", failure.kind, failure.what, failure.why)
    yield from _build_checks(outcome)
    yield from map(_test, outcome.tests)
    for check in outcome.verification.checks if outcome.verification else ():
        yield _Case("verify", check.what, "" if check.passed else "failure", "verify", check.why, check.found)
    yield from map(_destination, outcome.destinations)
    yield from map(_replica, outcome.replicas)
    verdict = outcome.verdict
    if verdict is None:
        if outcome.status == "planned":
            yield _Case("run", "verdict", "skipped", "planned", "a dry run evaluates nothing")
        elif outcome.status == "checked":
            yield _Case("run", "verdict", "skipped", "checked", outcome.checked)
        elif outcome.status == "deployed" and outcome.deployment:
            yield _Case("deploy", f"deployed to {outcome.deployment.subject}")
        elif outcome.status == "built":
            yield _Case("run", "verdict", "skipped", "built", _UNJUDGED)
        elif outcome.rollback and not outcome.failure:
            why = "accepted when it was released, and not evaluated again"
            yield _Case("run", f"rollback of {outcome.rollback.tag}", "skipped", "rollback", why)
        return
    yield from (_rule(rule) for rule in verdict.rules)
    yield from _deciding(outcome, verdict)
    yield from (
        _Case("image", f"policy: {error}", "failure", "policy", error)
        for error in dict.fromkeys(verdict.errors)
    )
    if outcome.scan:
        yield from (
            _Case(one.platform or "image", "scan", "skipped", "unscannable", one.unscannable)
            for one in outcome.scan.unscannable
        )
    yield from _excepted(verdict)
    yield from (_Case("image", one.partition(":")[0], "skipped", "policy", one) for one in verdict.notices)
    if not verdict.rules:
        what = "accepted, and no rule was applied" if verdict.accepted else "refused, and no rule was applied"
        yield _Case("image", "verdict", "skipped" if verdict.accepted else "failure", "policy", what)


def _test(one: ImageTestResult) -> _Case:
    """A test of the image: its time is its own."""
    if one.ending in ("pending", "ended"):
        return _Case("tests", str(one.test), "skipped", "test", summary(one))
    ending: _Ending = "failure" if one.failed else ""
    return _Case("tests", str(one.test), ending, "test", one.why, last_lines(one), one.seconds)


def _destination(one: DestinationResult) -> _Case:
    """A required one that failed is a failure; what was not reached, or need not be, is skipped."""
    if one.failure and one.required:
        body = "\n".join(filter(None, (one.failure.why, one.failure.remedy)))
        return _Case("destinations", one.name, "error", one.failure.kind, one.failure.what, body)
    ending: _Ending = "" if one.result == "released" else "skipped"
    return _Case("destinations", one.name, ending, "destination", "" if not ending else state(one))


def _replica(one: Replica) -> _Case:
    if one.is_whole:
        return _Case("replicas", one.name)
    ending: _Ending = "skipped" if one.status == "IN_PROGRESS" else "failure"
    return _Case("replicas", one.name, ending, "replication", one.words)


def _rule(rule: RuleResult) -> _Case:
    where = rule.platform or "image"
    if rule.passed:
        return _Case(where, rule.rule)
    listed = sorted(rule.findings, key=advice.urgency)
    lines = [f"{one.severity} {_in(one)}{_fix(one)}" for one in listed[:_SHOWN_FINDINGS]]
    if len(listed) > _SHOWN_FINDINGS:
        lines.append(f"… and {len(listed) - _SHOWN_FINDINGS} more, each with a test of its own")
    message = f"{rule.counted} found, {rule.allowed} allowed"
    return _Case(where, rule.rule, "failure", "rule", message, "\n".join(lines))


def _deciding(outcome: Outcome, verdict: Verdict) -> Iterable[_Case]:
    for one in advice.to_fix(verdict):
        finding = one.finding
        facts = (
            finding.title,
            finding.description if finding.description != finding.title else "",
            f"CVSS {finding.score:g}" if finding.score is not None else "",
            f"EPSS {finding.epss:.1%}" if finding.epss is not None else "",
            "an exploit is known" if finding.exploited else "",
            *(
                f"{package.name} {package.version} {package.path}".rstrip()
                for package in finding.packages[:20]
            ),
            finding.uri,
        )
        on = advice.on(one, outcome)
        message = f"{finding.severity}: {_in(finding)}{_fix(finding)}"
        yield _Case(
            on or "image",
            _in(finding, version=False),
            "failure",
            finding.severity.name,
            message,
            "\n".join(fact for fact in facts if fact),
        )


def _excepted(verdict: Verdict) -> Iterable[_Case]:
    for one in verdict.judged:
        if one.treatment in (Treatment.EXCEPTED, Treatment.NOT_AFFECTED):
            where = one.platform or "image"
            yield _Case(where, _in(one.finding, version=False), "skipped", one.treatment.value, one.by)


def _in(finding: Finding, *, version: bool = True) -> str:
    """Returns a name that is stable between runs, so that a history shows since when a test fails."""
    package = f"{finding.package} {finding.version}".strip() if version else finding.package
    return f"{finding.id} in {package}" if package else finding.id


def _fix(finding: Finding) -> str:
    return f", fixed in {finding.fixed_in}" if finding.fixed_in else ""


def _suite(where: str, cases: Sequence[_Case], outcome: Outcome) -> Iterable[str]:
    seconds = (
        sum(outcome.seconds.values()) if where in ("run", "image") else sum(one.seconds for one in cases)
    )
    when = f' timestamp="{outcome.run.started_at:%Y-%m-%dT%H:%M:%S}"' if outcome.run.started_at else ""
    yield (
        f'  <testsuite name="{xml_attribute(where)}" {_counts(cases)} skipped="{_number(cases, "skipped")}" '
        f'time="{seconds:.3f}"{when}>'
    )
    yield "    <properties>"
    for name, value in (
        ("status", outcome.status),
        ("image", outcome.pushed.reference if outcome.pushed else ""),
        ("version", outcome.plan.version.text if outcome.plan else ""),
        ("commit", outcome.plan.source.commit if outcome.plan else ""),
    ):
        if value:
            yield f'      <property name="{name}" value="{xml_attribute(value)}"/>'
    yield "    </properties>"
    for case in cases:
        yield from _case(case)
    yield "  </testsuite>"


def _case(case: _Case) -> Iterable[str]:
    # Jenkins reads the part before the last dot as the package, so there is only one dot.
    where = xml_attribute(f"ecr-push.{case.where.replace('.', '_')}")
    begin = f'    <testcase classname="{where}" name="{_short(case.name)}" time="{case.seconds:g}"'
    if not case.ending:
        yield f"{begin}/>"
        return
    yield f"{begin}>"
    kind, message = xml_attribute(case.kind), _short(case.message)
    body = xml(case.body[:_LONGEST_BODY])
    yield f'      <{case.ending} type="{kind}" message="{message}">{body}</{case.ending}>'
    yield "    </testcase>"


def _short(text: str) -> str:
    return xml_attribute(one_line(text, _LONGEST_MESSAGE))


def _counts(cases: Sequence[_Case]) -> str:
    failures, errors = _number(cases, "failure"), _number(cases, "error")
    return f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'


def _number(cases: Sequence[_Case], ending: _Ending) -> int:
    return sum(case.ending == ending for case in cases)
