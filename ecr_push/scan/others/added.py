"""ScanReport and the reports of other scanners -> one ScanReport, in which each finding counts once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.scan.findings import Finding, OtherScan, PlatformScan, ScanReport
from ecr_push.scan.others.model import OtherReport

# PyPI's rule, and no distribution has two packages that differ in these alone.
_MARKS = lazy_regex(r"[-_.]+")

_Key = tuple[str, str]  # an id or an alias, and a package's name


def with_other(report: ScanReport, file: str, other: OtherReport) -> ScanReport:
    """report, with the findings of another scanner on the platform that they are of, or on each one where the
    file does not say it.

    A finding that the platform has already, the same vulnerability in the same package, counts once: with the
    worse severity, since either scanner's would count by itself.
    """
    meant = {one.digest for one in _meant(report.platforms, other)}
    platforms = []
    added: set[int] = set()
    for scan in report.platforms:
        whole, new = _merged(scan, other) if scan.digest in meant else (scan, set[int]())
        added |= new
        platforms.append(whole)
    listed = OtherScan(file, other.tool, len(other.findings), len(added))
    return replace(report, platforms=tuple(platforms), others=(*report.others, listed))


def _meant(platforms: Sequence[PlatformScan], other: OtherReport) -> Sequence[PlatformScan]:
    by_digest = [one for one in platforms if one.digest.value in other.digests]
    by_name = [one for one in platforms if other.platform and one.platform == other.platform]
    return by_digest or by_name or platforms


def _merged(scan: PlatformScan, other: OtherReport) -> tuple[PlatformScan, set[int]]:
    """The scan with the findings, and which of them it did not have, by their places."""
    found = list(scan.findings)
    places: dict[_Key, int] = {}
    for place, one in enumerate(found):
        places |= dict.fromkeys(_keys(one), place)
    counts = Counter(scan.counts)
    new = set()
    for number, one in enumerate(other.findings):
        here = next((places[key] for key in _keys(one) if key in places), None)
        if here is None:
            here = len(found)
            found.append(one)
            new.add(number)
        else:
            counts[found[here].severity] -= 1
            found[here] = _both(found[here], one)
        counts[found[here].severity] += 1
        for key in _keys(one):
            places.setdefault(key, here)
    # It was examined, though not by ECR.
    note = "; ".join(filter(None, (scan.note, scan.unscannable and f"ECR: {scan.unscannable}")))
    return replace(
        scan, findings=tuple(sorted(found, key=_order)), counts=counts, unscannable="", note=note
    ), new


def _order(one: Finding) -> tuple[int, str, str]:
    """As ECR's own are ordered: worst first."""
    return -one.severity, one.id, one.package


def _keys(one: Finding) -> Iterable[_Key]:
    names = {one.package, *(package.name for package in one.packages)}
    folded = {_MARKS.sub("-", name).casefold() for name in names}
    return [(id_.upper(), name) for id_ in (one.id, *one.aliases) for name in sorted(folded)]


def _both(one: Finding, other: Finding) -> Finding:
    """One finding of what two scanners say of it; where both say something else, what is worse."""
    return replace(
        one,
        severity=max(one.severity, other.severity),
        fixed_in=one.fixed_in or other.fixed_in,
        score=_larger(one.score, other.score),
        epss=_larger(one.epss, other.epss),
        exploited=one.exploited or other.exploited if one.exploited is not None else other.exploited,
        fix=one.fix if one.fixable else other.fix or one.fix,
        aliases=tuple(
            dict.fromkeys((*one.aliases, *(id_ for id_ in (other.id, *other.aliases) if id_ != one.id)))
        ),
    )


def _larger(one: float | None, other: float | None) -> float | None:
    return max((number for number in (one, other) if number is not None), default=None)
