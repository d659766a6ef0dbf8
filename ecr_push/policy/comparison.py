"""What an image is compared with: the baseline, whose findings are known, and its base image.

Nouns only; `comparison_read` reads them from the registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ecr_push.base.dataclass import dataclass
from ecr_push.policy.finding_pattern import names_of, packages_of
from ecr_push.scan.findings import Finding, Package

# A vulnerability's name and a package's.
Known = frozenset[tuple[str, str]]
# A vulnerability's name, a package's name and its version.
Inherited = frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class Baseline:
    """The findings of the image that a tag points to, by platform ("" for a single-platform image).

    name:     `latest (sha256:…)`, or why there is nothing to compare with.
    known:    the known findings of each platform.
    findings: all findings of the baseline, each once.
    warnings: what could not be compared; all its findings then count as new.
    """

    name: str
    known: Mapping[str, Known] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def gone(self, now: Iterable[Finding]) -> tuple[Finding, ...]:
        """Returns the findings of the baseline that are not in now, worst first."""
        there = known_findings(now)
        gone = (one for one in self.findings if known_findings([one]).isdisjoint(there))
        return tuple(sorted(gone, key=lambda one: (-one.severity, one.id, one.package)))

    def of(self, platform: str) -> Known:
        """Returns what is known on a platform; a single-platform image is compared with all platforms."""
        if platform in self.known:
            return self.known[platform]
        if platform == "" or set(self.known) == {""}:
            return frozenset().union(*self.known.values())
        return frozenset()


def known_findings(findings: Iterable[Finding]) -> Known:
    return frozenset(
        (name, package.name)
        for finding in findings
        for package in packages_of(finding)
        for name in names_of(finding)
    )


@dataclass(frozen=True)
class BaseLayers:
    """One platform of the base image: its layers, and what its own scan found."""

    layers: frozenset[str] = frozenset()
    findings: Inherited = frozenset()


@dataclass(frozen=True)
class BaseImage:
    """The base image, by the platforms of the image that is judged."""

    name: str
    platforms: Mapping[str, BaseLayers] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def all_layers(self) -> frozenset[str]:
        return frozenset().union(*(one.layers for one in self.platforms.values()))

    def contains(self, name: str, package: Package, platform: str) -> bool | None:
        """Whether the finding's package comes from the base image; None if that is not known.

        name: the vulnerability's own, in upper case; see `own_name`.

        Inspector names the layer. Without a layer, a package comes from the base image if the base image's
        own scan found the same vulnerability in the same version; otherwise it is not known.
        """
        base = self.platforms.get(platform)
        if base is None:
            return None
        if package.layer:
            return package.layer in base.layers
        return (name, package.name, package.version) in base.findings or None


def inherited_findings(findings: Iterable[Finding]) -> Inherited:
    return frozenset(
        (name, package.name, package.version)
        for finding in findings
        for package in packages_of(finding)
        for name in names_of(finding)
    )
