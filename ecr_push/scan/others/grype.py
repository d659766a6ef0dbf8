"""Grype's JSON report of an image -> its findings. Pure.

Types: https://github.com/anchore/grype/tree/main/grype/presenter/models
Matches that Grype's own configuration ignores are not findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.purl import Purl
from ecr_push.base.shape import each, each_text, items, mapping, member, optional_text, text
from ecr_push.base.values import read_number
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.others.model import (
    OtherReport,
    digests_in,
    distribution_of,
    manager_of,
    platform_of,
    read_severity,
)


def read_grype(document: Mapping[str, Any]) -> OtherReport:
    """Raises OddValueError for what Grype does not write, ScanError for a report about something else than an
    image."""
    kind = text(document, "source", "type")
    if kind != "image":
        raise ScanError(
            f"Grype's report is about a {kind:.60}",
            remedy='let Grype scan the image: grype -o json "$CANDIDATE_IMAGE"',
        )
    target = mapping(document, "source", "target")
    names = (
        *(optional_text(target, name) for name in ("userInput", "imageID", "manifestDigest")),
        *each_text(str, target, "repoDigests"),
    )
    return OtherReport(
        f"Grype {optional_text(document, 'descriptor', 'version')}".rstrip(),
        digests_in(names),
        platform_of(optional_text(target, "os"), optional_text(target, "architecture")),
        tuple(each(_match, document, "matches", required=True)),
    )


def _match(one: Mapping[str, Any]) -> Finding:
    found, artifact = mapping(one, "vulnerability"), mapping(one, "artifact")
    purl = Purl.parse(optional_text(artifact, "purl"))
    name = optional_text(artifact, "name")
    if purl and purl.kind == "maven" and purl.namespace:
        name = f"{purl.namespace}:{purl.name}"  # as Inspector writes it, and Trivy
    version = optional_text(artifact, "version")
    fixed = ", ".join(each_text(str, found, "fix", "versions"))
    state = optional_text(found, "fix", "state")
    places = each(lambda place: optional_text(place, "path"), artifact, "locations")
    packages = tuple(
        Package(name, version, fixed, manager_of(purl), path, distribution=distribution_of(purl))
        for path in dict.fromkeys(places or [""])
    )
    id_ = optional_text(found, "id") or "unnamed"
    aliases = each(lambda other: optional_text(other, "id"), one, "relatedVulnerabilities")
    return Finding(
        id=id_,
        severity=read_severity(optional_text(found, "severity")),
        package=name,
        version=version,
        fixed_in=fixed,
        title=id_,
        uri=optional_text(found, "dataSource"),
        score=_largest(found, "cvss", "metrics", "baseScore"),
        description=optional_text(found, "description"),
        packages=packages if name else (),
        epss=_largest(found, "epss", "epss"),
        exploited=True if items(found, "knownExploited") else None,
        fix={"fixed": "YES", "not-fixed": "NO", "wont-fix": "NO"}.get(state, ""),
        aliases=tuple(other for other in dict.fromkeys(aliases) if other and other != id_),
    )


def _largest(found: Mapping[str, Any], name: str, *path: str) -> float | None:
    numbers = each(lambda one: read_number(member(one, *path)), found, name)
    return max((number for number in numbers if number is not None), default=None)
