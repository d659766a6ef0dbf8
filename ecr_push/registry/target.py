"""The name or the URI that the user gave -> which repository it means. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import PUBLIC_HOST, Registry, has_registry, parse_repository
from ecr_push.registry.options import RegistryOptions


@dataclass(frozen=True)
class RepositoryTarget:
    """A repository, as far as it is known without asking AWS. Empty fields: the caller's own.

    host is set where the user gave one: it may be a FIPS or dual-stack host, which the API never returns.
    """

    name: str
    public: bool = False
    region: str = ""
    registry_id: str = ""
    host: str = ""

    @property
    def dual_stack(self) -> bool:
        return bool(self.host) and Registry.parse(self.host).dual_stack


def target_of(options: RegistryOptions) -> RepositoryTarget:
    """The repository that the options name."""
    return find_target(options.repository, options.region, options.registry_id)


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
