"""Which repository is meant, as far as the user says it."""

from __future__ import annotations

from dataclasses import dataclass

from ecr_push.base.reference import has_registry, parse_repository


@dataclass(frozen=True)
class Target:
    """The repository as far as it is known without asking AWS. Empty parts are the caller's own.

    host is set where the user gave one: it may be a FIPS or dual-stack one, which the API never names.
    """

    name: str
    public: bool = False
    region: str = ""
    registry_id: str = ""
    host: str = ""


def find_target(text: str, region: str = "", registry_id: str = "") -> Target:
    """Where the image goes, from a name or from a whole URI, which settles region and registry id."""
    if not has_registry(text):
        return Target(text, region=region, registry_id=registry_id)
    repository = parse_repository(text)
    found = repository.registry
    return Target(
        repository.name,
        public=found.kind == "public",
        region=found.region or region,
        registry_id=found.account or registry_id,
        host=found.host if found.kind == "private" else "",
    )
