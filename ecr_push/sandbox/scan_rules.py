"""The scanning of a repository: by the registry's scan type and rules, and the repository's name.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ecr_push.sandbox import wildcard
from ecr_push.sandbox.model import RegistrySettings, StoredRepository

ScanType = Literal["BASIC", "ENHANCED"]
Frequency = Literal["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"]

# The frequencies that a rule of each scan type may have.
RULES_OF: Mapping[str, tuple[Frequency, ...]] = {
    "BASIC": ("SCAN_ON_PUSH", "MANUAL"),
    "ENHANCED": ("SCAN_ON_PUSH", "CONTINUOUS_SCAN"),
}
# If two rules match, the one that scans more often applies.
_PRECEDENCE: tuple[Frequency, ...] = ("CONTINUOUS_SCAN", "SCAN_ON_PUSH", "MANUAL")


@dataclass(frozen=True)
class AppliedRule:
    """How a repository is scanned. scan_type ENHANCED with frequency MANUAL means that no rule of enhanced
    scanning matches, and the repository is not scanned at all."""

    scan_type: ScanType
    frequency: Frequency
    filters: tuple[str, ...] = ()

    @property
    def on_push(self) -> bool:
        return self.frequency != "MANUAL"


def scanning_configuration(settings: RegistrySettings) -> dict[str, Any]:
    """Shape RegistryScanningConfiguration; BASIC without rules by default."""
    configuration: dict[str, Any] = settings.extra.get("scanning", {"scanType": "BASIC", "rules": []})
    return configuration


def applied_rule(settings: RegistrySettings, repository: StoredRepository) -> AppliedRule:
    """Returns the rule that applies to a repository. Under BASIC without any rule, the repository's own
    `scanOnPush` applies, as before registries had rules."""
    configuration = scanning_configuration(settings)
    scan_type: ScanType = configuration["scanType"]
    matching = [
        (rule["scanFrequency"], tuple(it["filter"] for it in rule["repositoryFilters"]))
        for rule in configuration["rules"]
        if any(_matches(it["filter"], repository.name) for it in rule["repositoryFilters"])
    ]
    if matching:
        frequency, filters = min(matching, key=lambda rule: _PRECEDENCE.index(rule[0]))
        return AppliedRule(scan_type, frequency, filters)
    if scan_type == "BASIC" and not configuration["rules"] and repository.scan_on_push:
        return AppliedRule("BASIC", "SCAN_ON_PUSH")
    return AppliedRule(scan_type, "MANUAL")


def _matches(pattern: str, name: str) -> bool:
    """A filter without `*` matches every name that contains it."""
    if "*" not in pattern:
        return pattern in name
    return wildcard.matches(pattern, name)
