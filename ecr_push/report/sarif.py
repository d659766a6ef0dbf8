"""Outcome -> SARIF 2.1.0, for GitHub's code scanning and other readers. Pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ecr_push.base.dataclass import dataclass
from ecr_push.base.documentation import HOME
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import JudgedFinding, Treatment, Verdict
from ecr_push.report import advice
from ecr_push.report.escape import json_text, one_line, web_address
from ecr_push.report.sarif_rules import LEVELS, LONGEST_TEXT, describe, message
from ecr_push.report.tests_text import summary
from ecr_push.scan.findings import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub refuses a run with more, and shows the worst 5,000 of them:
# https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
MOST_RESULTS = 25_000
_MOST_PLACES = 20

# If a finding has different treatments on different platforms, the first of these is shown.
_WEIGHT = {
    one: weight
    for weight, one in enumerate(
        (
            Treatment.REFUSES,
            Treatment.COUNTED,
            Treatment.KNOWN,
            Treatment.BELOW,
            Treatment.OUT_OF_SCOPE,
            Treatment.EXCEPTED,
            Treatment.NOT_AFFECTED,
        )
    )
}


@dataclass(frozen=True)
class _Group:
    """One vulnerability in one package, on all the platforms that have it."""

    first: JudgedFinding
    platforms: tuple[str, ...]

    @property
    def finding(self) -> Finding:
        return self.first.finding


def render(outcome: Outcome) -> str:
    """Returns the log; "" if nothing was evaluated: a log without results closes all alerts on GitHub."""
    scanned = outcome.scan and any(not one.unscannable for one in outcome.scan.platforms)
    if outcome.verdict is None or not scanned:
        return ""
    return json_text(sarif(outcome), spread={"runs"})


def sarif(outcome: Outcome) -> dict[str, Any]:
    """Returns the log: one run, whose long lists are iterators."""
    groups = _groups(outcome.verdict) if outcome.verdict else []
    shown = groups[:MOST_RESULTS]
    rules = _worst(shown)
    index = {name: number for number, name in enumerate(rules)}
    place = _place(outcome)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(outcome, rules)},
                "automationDetails": {"id": f"ecr-push/{_repository(outcome)}/"},
                "invocations": [_invocation(outcome, len(groups) - len(shown))],
                **_provenance(outcome),
                "properties": {
                    "status": outcome.status,
                    "image": outcome.pushed.reference if outcome.pushed else "",
                },
                "results": (_result(one, index[one_line(one.finding.id)], place) for one in shown),
            }
        ],
    }


def _groups(verdict: Verdict) -> list[_Group]:
    found: dict[tuple[str, str], list[JudgedFinding]] = {}
    for one in verdict.judged:
        found.setdefault((one.finding.id, one.finding.package), []).append(one)
    groups = [
        _Group(
            min(members, key=lambda one: (_WEIGHT[one.treatment], -one.finding.severity)),
            tuple(dict.fromkeys(one_line(one.platform, 200) for one in members if one.platform)),
        )
        for members in found.values()
    ]
    return sorted(groups, key=lambda one: (_WEIGHT[one.first.treatment], *advice.urgency(one.finding)))


def _driver(outcome: Outcome, rules: Mapping[str, Finding]) -> dict[str, Any]:
    version = {"version": outcome.run.tool_version} if outcome.run.tool_version else {}
    return {
        "name": "ecr-push",
        **version,
        "informationUri": HOME,
        "rules": (describe(*one) for one in rules.items()),
    }


def _worst(groups: Iterable[_Group]) -> dict[str, Finding]:
    """Returns the worst finding of each vulnerability, which describes it."""
    worst: dict[str, Finding] = {}
    for group in groups:
        name, finding = one_line(group.finding.id), group.finding
        if name not in worst or finding.severity > worst[name].severity:
            worst[name] = finding
    return worst


def _result(group: _Group, rule: int, place: str) -> dict[str, Any]:
    finding, judged = group.finding, group.first
    said = f"{finding.package or 'The image'} {finding.version}".strip()
    fixed = f"fixed in {finding.fixed_in}" if finding.fixed_in else "no fixed version is known"
    on = f", on {', '.join(group.platforms)}" if group.platforms else ""
    suppressed = judged.treatment in (Treatment.EXCEPTED, Treatment.NOT_AFFECTED)
    return {
        "ruleId": one_line(finding.id),
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {
            "text": message(
                f"{said} has {finding.id}, {finding.severity}{on}: {fixed}. "
                f"{judged.treatment.value.capitalize()}: {judged.by}"
            )
        },
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}},
                "logicalLocations": _logical(group),
            }
        ],
        "partialFingerprints": _fingerprints(finding),
        **(
            {
                "suppressions": [
                    {
                        "kind": "external",
                        "status": "accepted",
                        "justification": one_line(judged.by, LONGEST_TEXT),
                    }
                ]
            }
            if suppressed
            else {}
        ),
        "properties": {
            "treatment": judged.treatment.value,
            "by": one_line(judged.by, LONGEST_TEXT),
            "severity": finding.severity.name,
            "platforms": list(group.platforms),
            **({"score": finding.score} if finding.score is not None else {}),
            **({"epss": finding.epss} if finding.epss is not None else {}),
            **({"exploited": finding.exploited} if finding.exploited is not None else {}),
        },
    }


def _logical(group: _Group) -> list[dict[str, str]]:
    """Returns the packages as locations: a scan has no lines of code."""
    packages = group.finding.packages[:_MOST_PLACES]
    named = [(one.name, f"{one.path}:{one.name}" if one.path else one.name) for one in packages]
    named = named or [(group.finding.package or "image", group.finding.package or "image")]
    return [
        {"name": one_line(name, 200), "fullyQualifiedName": one_line(whole, 500), "kind": "package"}
        for name, whole in dict.fromkeys(named)
    ]


def _fingerprints(finding: Finding) -> dict[str, str]:
    """Returns the same hashes for a vulnerability in a package, in every version, platform and image.

    GitHub reads only primaryLocationLineHash. Without it GitHub would hash the Dockerfile's first line, which
    is the same for all findings.
    """
    text = f"{finding.id}\0{finding.package}".encode("utf-8", "replace")
    mark = hashlib.sha256(text).hexdigest()
    return {"primaryLocationLineHash": f"{mark[:16]}:1", "vulnerabilityInPackage/v1": mark}


def _invocation(outcome: Outcome, cut: int) -> dict[str, Any]:
    notes = [_note("error", "policy", one) for one in (outcome.verdict.errors if outcome.verdict else ())]
    notes += [
        _note("warning", "policy", one) for one in (outcome.verdict.warnings if outcome.verdict else ())
    ]
    if failure := outcome.failure:
        said = "\n".join(part for part in (failure.what, failure.why, failure.remedy) if part)
        notes.insert(0, _note("error", failure.kind, f"In phase {failure.phase}: {said}"))
    notes += [_note("error", "test", f"Test {summary(one)}") for one in outcome.failed_tests]
    if cut:
        notes.append(
            _note("warning", "limit", f"{cut} findings are omitted: only the worst {MOST_RESULTS} are listed")
        )
    at = outcome.run.started_at
    started = {"startTimeUtc": f"{at:%Y-%m-%dT%H:%M:%S.000Z}"} if at else {}
    return {
        "executionSuccessful": outcome.failure is None,
        "exitCode": outcome.exit_code,
        **started,
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _note(level: str, kind: str, text: str) -> dict[str, Any]:
    return {"level": level, "descriptor": {"id": kind}, "message": {"text": message(text)}}


def _provenance(outcome: Outcome) -> dict[str, Any]:
    source = outcome.plan.source if outcome.plan else None
    address = web_address(source.remote_url) if source else ""
    if source is None or not address:
        return {}
    branch = {"branch": one_line(source.branch)} if source.branch else {}
    return {"versionControlProvenance": [{"repositoryUri": address, "revisionId": source.commit, **branch}]}


def _repository(outcome: Outcome) -> str:
    return outcome.repository.name if outcome.repository else "image"


def _place(outcome: Outcome) -> str:
    """Returns the file that every result points to: the Dockerfile, or else the repository's name."""
    return quote(outcome.run.dockerfile or _repository(outcome), errors="replace")
