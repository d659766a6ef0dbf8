"""SARIF 2.1.0 of any scanner -> its findings. Pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, whose sections are named below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.purl import Purl
from ecr_push.base.regex import lazy_regex
from ecr_push.base.severity import Severity
from ecr_push.base.shape import (
    OddValueError,
    each,
    items,
    mapping,
    member,
    optional_text,
    scalar,
    text,
)
from ecr_push.base.values import read_number
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.others.model import OtherReport, digests_in, distribution_of, manager_of

# Section 3.27.9: of the other kinds, `open` and `review` may become a failure.
_NO_FINDING = frozenset({"pass", "notApplicable", "informational"})
_LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFORMATIONAL,
}
# What GitHub makes of the property `security-severity` of a rule:
# https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
_FROM = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
# Trivy, Grype and others name the package in a text alone.
_PACKAGE = lazy_regex(r"(?m)^Package: *(\S+)")
_VULNERABILITY = lazy_regex(r"^(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3})(?=-)")


def read_sarif(document: Mapping[str, Any]) -> OtherReport:
    """Raises OddValueError for what is not SARIF 2.1.0, ScanError for a run that failed or has no results."""
    if text(document, "version") != "2.1.0":
        raise OddValueError("version", f"is {document['version']!r:.60}: only 2.1.0 is supported")
    runs = each(lambda run: run, document, "runs", required=True)
    if not runs:
        raise ScanError("the SARIF log has no run", why="no scanner has said anything")
    found = [one for run in each(_run, document, "runs") for one in run]
    tools = dict.fromkeys(optional_text(run, "tool", "driver", "name") or "a scanner" for run in runs)
    return OtherReport(", ".join(tools), frozenset().union(*map(_digests, runs)), "", tuple(found))


def _digests(run: Mapping[str, Any]) -> frozenset[str]:
    """Of the image, where the run's properties name it: those that Trivy writes, and ecr-push."""
    about = mapping(run, "properties")
    names = [about.get(name) for name in ("imageID", "imageName", "image")]
    listed = about.get("repoDigests")
    names += listed if isinstance(listed, list) else []
    return digests_in(name for name in names if isinstance(name, str))


def _run(run: Mapping[str, Any]) -> Iterable[Finding]:
    tool = optional_text(run, "tool", "driver", "name") or "the scanner"
    # Section 3.20.14; a run without invocations says nothing about it.
    if any(member(one, "executionSuccessful") is False for one in items(run, "invocations")):
        raise ScanError(f"{tool} did not end well", why="its SARIF says executionSuccessful: false")
    if member(run, "results") is None:  # section 3.14.23: absent where no results were computed
        raise ScanError(
            f"{tool} has computed no results", why="its SARIF has no results, not even an empty list"
        )
    rules = each(lambda rule: rule, run, "tool", "driver", "rules")
    by_id = {optional_text(rule, "id"): rule for rule in rules}
    return [
        _finding(one, _rule(one, rules, by_id))
        for one in each(lambda result: result, run, "results")
        if not _is_none(one)
    ]


def _is_none(one: Mapping[str, Any]) -> bool:
    """Whether a result is not a finding of this image: of another kind, gone, or suppressed (3.27.23)."""
    if optional_text(one, "kind") in _NO_FINDING or optional_text(one, "baselineState") == "absent":
        return True
    states = each(lambda of: optional_text(of, "status") or "accepted", one, "suppressions")
    return bool(states) and all(state == "accepted" for state in states)


def _rule(
    one: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], by_id: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Section 3.27.5: by its id, or by its place among the rules."""
    id_ = optional_text(one, "ruleId") or optional_text(one, "rule", "id")
    if id_ in by_id:
        return by_id[id_]
    place = member(one, "ruleIndex")
    place = member(one, "rule", "index") if place is None else place
    if type(place) is int and 0 <= place < len(rules):
        return rules[place]
    return {}


def _finding(one: Mapping[str, Any], rule: Mapping[str, Any]) -> Finding:
    said = optional_text(one, "message", "text")
    id_ = optional_text(one, "ruleId") or optional_text(one, "rule", "id") or optional_text(rule, "id")
    package, purl = _package(one, rule, said)
    number = _score(one, rule)
    # Grype joins the vulnerability's id and the package's name.
    bare = _VULNERABILITY.match(id_)
    packages = (
        (Package(package, manager=manager_of(purl), distribution=distribution_of(purl)),) if package else ()
    )
    return Finding(
        id=bare[0] if bare else id_ or "unnamed",
        severity=_severity(one, rule, number),
        package=package,
        version=purl.version if purl else "",
        title=optional_text(rule, "shortDescription", "text") or said.partition("\n")[0],
        uri=optional_text(rule, "helpUri"),
        score=number,
        description=optional_text(rule, "fullDescription", "text"),
        packages=packages,
    )


def _severity(one: Mapping[str, Any], rule: Mapping[str, Any], number: float | None) -> Severity:
    """The worse of the rule's security-severity and a level that is stated; `warning` where there is neither
    (3.27.10)."""
    found = [severity for least, severity in _FROM if number is not None and number >= least][:1]
    if level := optional_text(one, "level") or optional_text(rule, "defaultConfiguration", "level"):
        found.append(_LEVELS.get(level, Severity.UNRECOGNISED))
    return max(found, default=_LEVELS["warning"])


def _score(one: Mapping[str, Any], rule: Mapping[str, Any]) -> float | None:
    for of in (one, rule):
        number = read_number(scalar(of, "properties", "security-severity") or None)
        if number is not None:
            return number
    return None


def _package(one: Mapping[str, Any], rule: Mapping[str, Any], said: str) -> tuple[str, Purl | None]:
    """The name of the package, and its URL; nothing where the result is about something else."""
    for of in (one, rule):
        properties = mapping(of, "properties")
        listed = properties.get("purls")
        for url in (properties.get("purl"), *(listed if isinstance(listed, list) else ())):
            if isinstance(url, str) and (purl := Purl.parse(url)):
                return (f"{purl.namespace}:{purl.name}" if purl.kind == "maven" else purl.name), purl
    for place in each(lambda at: at, one, "locations"):
        for logical in each(lambda at: at, place, "logicalLocations"):
            if optional_text(logical, "kind") == "package":
                return optional_text(logical, "name"), None
    named = _PACKAGE.search(said) or _PACKAGE.search(optional_text(rule, "help", "text"))
    return (named[1] if named else ""), None
