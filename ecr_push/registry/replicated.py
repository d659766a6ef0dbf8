"""Where the images of a private registry are replicated to.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, inside, optional_text, text
from ecr_push.registry.api import RepositoryApi


@dataclass(frozen=True)
class ReplicationRule:
    """prefixes: of the repositories that it is for; all without one. destinations: region and account."""

    prefixes: tuple[str, ...]
    destinations: tuple[tuple[str, str], ...]

    def applies_to(self, name: str) -> bool:
        return not self.prefixes or name.startswith(self.prefixes)


def read_replication(api: RepositoryApi) -> tuple[ReplicationRule, ...]:
    """The rules of the caller's own registry, the only one that can be asked. Raises RegistryError."""

    def rules(found: Mapping[str, Any]) -> tuple[ReplicationRule, ...]:
        return tuple(each(_rule, found, "rules", required=True))

    def read(answer: Mapping[str, Any]) -> tuple[ReplicationRule, ...]:
        has_some = answer.get("replicationConfiguration")
        return inside(rules, answer, "replicationConfiguration") if has_some else ()

    return api.read_registry("describe_registry", read)


def destinations_of(name: str, rules: Iterable[ReplicationRule]) -> tuple[tuple[str, str], ...]:
    """Region and account of each copy of a repository, each once."""
    found = (one for rule in rules if rule.applies_to(name) for one in rule.destinations)
    return tuple(dict.fromkeys(found))


def _rule(rule: Mapping[str, Any]) -> ReplicationRule:
    return ReplicationRule(
        tuple(each(lambda one: text(one, "filter"), rule, "repositoryFilters")),
        tuple(
            each(
                lambda one: (text(one, "region"), optional_text(one, "registryId")),
                rule,
                "destinations",
                required=True,
            )
        ),
    )
