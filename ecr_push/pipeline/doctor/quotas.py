"""How near a repository and its registry are to ECR's quotas."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError
from ecr_push.base.parse import read_json
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor.repository import Kept
from ecr_push.pipeline.doctor.symptom import Symptom
from ecr_push.registry import quotas as ecr
from ecr_push.registry.registry_settings import ReplicationRule
from ecr_push.settings.declare import Settings

NEAR = 0.9
_MIB = 1024 * 1024
_SERVICE_QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/ecr/quotas"
_LESS = {
    ecr.REPOSITORIES: "delete repositories that nothing needs",
    ecr.IMAGES: "expire what is not needed: docs/lifecycle.md",
    ecr.TAGS: "leave out tags of each run, or remove old ones with `aws ecr batch-delete-image`",
    ecr.LAYER_MIB: "divide the layer: ECR refuses a larger one",
    ecr.LIFECYCLE_RULES: "join rules: one takes several patterns",
    ecr.LIFECYCLE_LENGTH: "join rules, and shorten descriptions",
    ecr.REPLICATION_RULES: "join rules: one takes several prefixes and destinations",
    ecr.REPLICATION_FILTERS: "replace prefixes by a shorter one that they have in common",
    ecr.REPLICATION_DESTINATIONS: "replicate on from one of the destinations with `ecr-push mirror`",
    ecr.CACHES: "remove rules that nothing pulls through",
}


@dataclass(frozen=True)
class Use:
    """How much of a quota is used. what: whose it is, in words, where the name does not say."""

    name: str
    used: int
    what: str = ""


def quotas(found: Kept | None, settings: Settings, tools: Tools) -> Iterator[Symptom]:
    """A line for each that is nearly used up, and one with all that are used."""
    registry = tools.open_repositories(settings.registry)
    looks: Sequence[Callable[[], list[Use]]] = (
        lambda: [Use(ecr.REPOSITORIES, len(registry.all()))],
        lambda: list(of_registry(settings, tools)),
    )
    applied = background.start(registry.quotas, "service quotas")
    started = [background.start(look, "use of quotas") for look in looks]
    uses = list(of_repository(found)) if found else []
    unread = 0
    for one in started:
        try:
            uses += one.result()
        except AuthenticationError:
            unread += 1
    limits = applied.result()
    yield from near(uses, limits or {})
    used = [f"{use.name.lower()} {use.used:,} of {_limit(use, limits or {}):,}" for use in uses if use.used]
    of = "the account's quotas" if limits else f"AWS's defaults of {ecr.DOCUMENTED_IN}"
    yield Symptom("quotas", "ok", f"{'; '.join(used) or 'nothing counts yet'} ({of})")
    if unread:
        what = "how many repositories, rules of replication and caches there are may not be read"
        yield Symptom(
            "quotas", "ok", what, "`ecr-push iam policy -r REPOSITORY --command doctor` prints what is needed"
        )


def near(uses: Sequence[Use], limits: Mapping[str, int]) -> Iterator[Symptom]:
    """limits: the account's; those that AWS documents where one is not known."""
    for use in uses:
        limit = _limit(use, limits)
        if use.used > NEAR * limit:
            whose = f" ({use.what})" if use.what else ""
            remedy = _LESS[use.name]
            if use.name in ecr.ADJUSTABLE:
                remedy = f"{remedy}, or ask AWS for a higher quota: {_SERVICE_QUOTAS}"
            what = f"{use.name.lower()}{whose}: {use.used:,} of {limit:,}"
            yield Symptom("quotas", "warning", what, remedy)


def _limit(use: Use, limits: Mapping[str, int]) -> int:
    return limits.get(use.name, ecr.DOCUMENTED[use.name])


def of_repository(found: Kept) -> Iterator[Use]:
    yield Use(ecr.IMAGES, len(found.images))
    if found.images:
        tagged = max(found.images, key=lambda one: len(one.tags))
        yield Use(ecr.TAGS, len(tagged.tags), str(tagged.digest))
        # No layer is larger than its image; how large each one is would take a pull to know.
        large = max(found.images, key=lambda one: one.size)
        if large.size > NEAR * ecr.DOCUMENTED[ecr.LAYER_MIB] * _MIB:
            yield Use(ecr.LAYER_MIB, large.size // _MIB, f"all layers of {large.digest} together, in MiB")
    if found.policy:
        yield Use(ecr.LIFECYCLE_LENGTH, len(found.policy))
        with contextlib.suppress(
            ValueError, TypeError, KeyError
        ):  # one that cannot be read is another look's
            yield Use(ecr.LIFECYCLE_RULES, len(read_json(found.policy)["rules"]))


def of_registry(settings: Settings, tools: Tools) -> Iterator[Use]:
    registry, _ = tools.open_registry()
    account = registry.account()
    if settings.registry.registry_id in ("", account):  # else it is another account's, which no call shows
        yield from of_replication(registry.replication())
        yield Use(ecr.CACHES, len(registry.caches()))


def of_replication(rules: Sequence[ReplicationRule]) -> Iterator[Use]:
    yield Use(ecr.REPLICATION_RULES, len(rules))
    yield Use(ecr.REPLICATION_DESTINATIONS, len({place for rule in rules for place in rule.places}))
    yield Use(ecr.REPLICATION_FILTERS, max((len(rule.prefixes) for rule in rules), default=0))
