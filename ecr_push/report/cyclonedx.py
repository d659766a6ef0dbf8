"""Outcome -> a CycloneDX 1.6 document with VEX: each vulnerability, its packages, and the decision. Pure.

An exception is an accepted risk, not a claim that there is none: such a vulnerability stays `exploitable`.
Without a decision it is `in_triage`: a scan only matches versions. Only a VEX document says `not_affected`.
https://cyclonedx.org/docs/1.6/json/#vulnerabilities
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ecr_push.base.purl import package_url
from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import JudgedFinding, Treatment
from ecr_push.registry.image import PushedImage
from ecr_push.report.escape import json_text, one_line, web_address
from ecr_push.scan.findings import Finding, Package

_LONGEST_TEXT = 4000
_IMAGE = "image"
_SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFORMATIONAL: "info",
}
_STATES = {Treatment.EXCEPTED: "exploitable", Treatment.NOT_AFFECTED: "not_affected"}


def render(outcome: Outcome) -> str:
    return json_text(cyclonedx(outcome))


def cyclonedx(outcome: Outcome) -> dict[str, Any]:
    """Returns the document's content, whose long lists are iterators that must be used in order.

    Its serial number is derived from the rest: the same outcome has the same number.
    """
    components: dict[Package, str] = {}
    entries: dict[tuple[str, Treatment, str], list[JudgedFinding]] = {}
    for one in outcome.verdict.judged if outcome.verdict else ():
        entries.setdefault((one.finding.id, one.treatment, one.by), []).append(one)
    metadata = _metadata(outcome)
    mark = uuid.uuid5(uuid.NAMESPACE_URL, f"{len(entries)} {json.dumps(metadata)}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{mark}",
        "version": 1,
        "metadata": metadata,
        "vulnerabilities": (
            _vulnerability(number, members, components) for number, members in enumerate(entries.values())
        ),
        "components": _components(components),  # after the vulnerabilities, which name them
    }


def _components(named: Mapping[Package, str]) -> Iterator[dict[str, Any]]:
    for package, ref in named.items():
        yield _component(ref, package)


def _metadata(outcome: Outcome) -> dict[str, Any]:
    when = {"timestamp": f"{outcome.run.started_at:%Y-%m-%dT%H:%M:%SZ}"} if outcome.run.started_at else {}
    version = {"version": outcome.run.tool_version} if outcome.run.tool_version else {}
    said = {"status": outcome.status, "exitCode": str(outcome.exit_code)}
    if outcome.failure:
        said |= {"phase": outcome.failure.phase, "failure": outcome.failure.what}
    if outcome.verdict and outcome.verdict.baseline:
        said["baseline"] = outcome.verdict.baseline
    if outcome.verdict and outcome.verdict.notices:
        said["policy"] = "; ".join(outcome.verdict.notices)
    return {
        **when,
        "lifecycles": [{"phase": "post-build"}],
        "tools": {"components": [{"type": "application", "name": "ecr-push", **version}]},
        "component": _image(outcome),
        "properties": _properties(said),
    }


def _image(outcome: Outcome) -> dict[str, Any]:
    pushed = outcome.pushed
    if pushed is None:
        at = outcome.repository
        return {"type": "container", "bom-ref": _IMAGE, "name": at.name if at else "image"}
    return {
        "type": "container",
        "bom-ref": _IMAGE,
        "name": pushed.repository.name,
        "version": pushed.digest.value,
        "hashes": [{"alg": "SHA-256", "content": pushed.digest.value.partition(":")[2]}],
        "purl": _image_purl(pushed),
    }


def _image_purl(pushed: PushedImage) -> str:
    """https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md"""
    name = pushed.repository.name.rpartition("/")[2]
    digest, at = quote(pushed.digest.value, safe=""), quote(pushed.repository.uri, safe="/")
    return f"pkg:oci/{quote(name, safe='')}@{digest}?repository_url={at}"


def _vulnerability(
    number: int, members: Sequence[JudgedFinding], components: dict[Package, str]
) -> dict[str, Any]:
    """Returns one vulnerability with one decision, in all packages and platforms that share it."""
    judged = max(members, key=lambda one: one.finding.severity)
    finding = judged.finding
    address = web_address(finding.uri)
    packages = dict.fromkeys(package for one in members for package in _packages(one.finding))
    refs = {package: components.setdefault(package, f"package-{len(components)}") for package in packages}
    updates = dict.fromkeys(
        f"update {one.finding.package} to {one.finding.fixed_in}"
        for one in members
        if one.finding.fixed_in and one.finding.package
    )
    description = finding.description or finding.title
    return {
        "bom-ref": f"vulnerability-{number}",
        "id": one_line(finding.id, 200),
        **({"source": {"url": address}} if address else {}),
        **_references(finding),
        "ratings": [_rating(finding)],
        **({"description": one_line(description, _LONGEST_TEXT)} if description else {}),
        **({"recommendation": one_line("; ".join(updates), 1000)} if updates else {}),
        "analysis": {
            "state": _STATES.get(judged.treatment, "in_triage"),
            **({"response": ["update"]} if updates and judged.treatment is Treatment.REFUSES else {}),
            "detail": one_line(f"{judged.treatment.value}: {judged.by}", _LONGEST_TEXT),
        },
        "affects": [
            {
                "ref": ref,
                "versions": [
                    {"version": one_line(package.version, 1000) or "unknown", "status": _status(judged)}
                ],
            }
            for package, ref in refs.items()
        ]
        or [{"ref": _IMAGE}],
        "properties": _properties(
            {
                "treatment": judged.treatment.value,
                "severity": finding.severity.name,
                "epss": "" if finding.epss is None else f"{finding.epss:g}",
                "exploitKnown": "" if finding.exploited is None else str(finding.exploited).lower(),
                "platforms": ", ".join(dict.fromkeys(one.platform for one in members)),
            }
        ),
    }


def _status(judged: JudgedFinding) -> str:
    return "unaffected" if judged.treatment is Treatment.NOT_AFFECTED else "affected"


def _references(finding: Finding) -> dict[str, Any]:
    """Returns the other names. Their source is their prefix: CVE, GHSA, ALAS."""
    names = [one_line(name, 200) for name in dict.fromkeys(finding.aliases) if name != finding.id]
    found = [{"id": name, "source": {"name": name.partition("-")[0]}} for name in names]
    return {"references": found} if found else {}


def _rating(finding: Finding) -> dict[str, Any]:
    score = {"score": finding.score} if finding.score is not None else {}
    return {**score, "severity": _SEVERITIES.get(finding.severity, "unknown")}


def _packages(finding: Finding) -> tuple[Package, ...]:
    if finding.packages:
        return finding.packages
    return (Package(finding.package, finding.version, finding.fixed_in),) if finding.package else ()


def _component(ref: str, package: Package) -> dict[str, Any]:
    purl = package_url(package.manager, package.name, package.version)
    return {
        "type": "library",
        "bom-ref": ref,
        "name": one_line(package.name, 1000) or "unknown",
        **({"version": one_line(package.version, 1000)} if package.version else {}),
        **({"purl": purl} if purl else {}),
        "properties": _properties(
            {"packageManager": package.manager, "path": package.path, "layer": package.layer}
        ),
    }


def _properties(said: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": f"ecr-push:{name}", "value": one_line(value, 1000)} for name, value in said.items() if value
    ]
