"""The name or the URI that the user gave -> which repository it means. Pure."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import PUBLIC_HOST, Registry, has_registry, parse_repository


@dataclass(frozen=True)
class RepositoryTarget:
    """A repository, as far as it is known without asking AWS. Empty fields: the caller's own.

    host is set where the user gave one: it may be a FIPS or dual-stack host, which the API never returns.
    role, profile: with which the repository is reached; empty for the run's own.
    """

    name: str
    public: bool = False
    region: str = ""
    registry_id: str = ""
    host: str = ""
    role: str = ""
    profile: str = ""

    @property
    def without_credentials(self) -> RepositoryTarget:
        """The same repository, by whatever credentials. Those of another account may mean its registry."""
        if self.registry_id or self.public:
            return replace(self, role="", profile="", host="")
        return replace(self, host="")

    @property
    def dual_stack(self) -> bool:
        return bool(self.host) and Registry.parse(self.host).dual_stack


def find_target(text: str, region: str = "", registry_id: str = "") -> RepositoryTarget:
    """Read a name or a whole URI. A URI has its own region and registry id, which win over the given ones."""
    if not has_registry(text):
        return RepositoryTarget(text, region=region, registry_id=registry_id)
    repository = parse_repository(text)
    found = repository.registry
    return RepositoryTarget(
        repository.name,
        public=found.kind == "public",
        region=found.region or region,
        registry_id=found.account or registry_id,
        host=found.host if found.host != PUBLIC_HOST and found.kind != "local" else "",
    )
