"""The settings of a registry, between the shapes of ECR's service model and our nouns. Pure.

What reads raises OddValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.shape import each, items, member, optional_text, text
from ecr_push.registry.registry_settings import (
    CacheRule,
    CreationTemplate,
    RegistryScanning,
    ReplicationRule,
    SigningRule,
)


def _filters(texts: Sequence[str], kind: str) -> list[dict[str, str]]:
    return [{"filter": one, "filterType": kind} for one in texts]


def _patterns(one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(each(lambda found: text(found, "filter"), one, "repositoryFilters")))


def read_scanning(found: Mapping[str, Any]) -> RegistryScanning:
    rules: dict[str, tuple[str, ...]] = {}
    for frequency, patterns in each(lambda one: (text(one, "scanFrequency"), _patterns(one)), found, "rules"):
        rules[frequency] = tuple(sorted({*rules.get(frequency, ()), *patterns}))
    return RegistryScanning(optional_text(found, "scanType") or "BASIC", rules)


def as_scanning(scanning: RegistryScanning) -> dict[str, Any]:
    rules = [
        {"scanFrequency": frequency, "repositoryFilters": _filters(patterns, "WILDCARD")}
        for frequency, patterns in scanning.rules.items()
    ]
    return {"scanType": scanning.mode, "rules": rules}


def read_replication_rule(one: Mapping[str, Any]) -> ReplicationRule:
    places = each(lambda place: Place(text(place, "region"), text(place, "registryId")), one, "destinations")
    deletes = member(one, "deleteReplication", "enabled") is True
    return ReplicationRule(tuple(sorted(places, key=str)), _patterns(one), deletes)


def as_replication_rule(rule: ReplicationRule) -> dict[str, Any]:
    places = [{"region": place.region, "registryId": place.account} for place in rule.places]
    found: dict[str, Any] = {"destinations": places}
    if rule.prefixes:
        found["repositoryFilters"] = _filters(rule.prefixes, "PREFIX_MATCH")
    if rule.deletes:
        found["deleteReplication"] = {"enabled": True}
    return found


def read_template(one: Mapping[str, Any]) -> tuple[str, CreationTemplate]:
    mutability = optional_text(one, "imageTagMutability") or "MUTABLE"
    exceptions = each(lambda found: text(found, "filter"), one, "imageTagMutabilityExclusionFilters")
    tags = each(lambda tag: (text(tag, "Key"), optional_text(tag, "Value")), one, "resourceTags")
    encryption = "encryptionConfiguration"
    return text(one, "prefix"), CreationTemplate(
        tuple(sorted(str(kind) for kind in items(one, "appliedFor"))),
        optional_text(one, "description"),
        mutability.removesuffix("_WITH_EXCLUSION"),
        tuple(sorted(exceptions)),
        optional_text(one, encryption, "encryptionType") or "AES256",
        optional_text(one, encryption, "kmsKey"),
        optional_text(one, "lifecyclePolicy"),
        optional_text(one, "repositoryPolicy"),
        dict(tags),
        optional_text(one, "customRoleArn"),
    )


def as_template(template: CreationTemplate, before: CreationTemplate | None) -> dict[str, Any]:
    """The parameters for a template. What is empty is left out, unless it is not so before."""
    key = {"kmsKey": template.kms_key} if template.kms_key else {}
    mutability: dict[str, Any] = {"imageTagMutability": template.mutability}
    if template.exceptions:
        mutability = {
            "imageTagMutability": f"{template.mutability}_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": _filters(template.exceptions, "WILDCARD"),
        }
    now, then = _texts(before) if before else {}, _texts(template)
    return {
        "appliedFor": list(template.applied_for),
        "encryptionConfiguration": {"encryptionType": template.encryption, **key},
        **mutability,
        **{name: value for name, value in then.items() if value or now.get(name)},
    }


def _texts(template: CreationTemplate) -> dict[str, Any]:
    return {
        "description": template.description,
        "repositoryPolicy": template.policy,
        "lifecyclePolicy": template.lifecycle,
        "resourceTags": [{"Key": name, "Value": value} for name, value in template.tags.items()],
        "customRoleArn": template.role,
    }


def read_cache(one: Mapping[str, Any]) -> tuple[str, CacheRule]:
    return text(one, "ecrRepositoryPrefix"), CacheRule(
        text(one, "upstreamRegistryUrl"),
        optional_text(one, "upstreamRegistry"),
        optional_text(one, "credentialArn"),
        optional_text(one, "customRoleArn"),
        optional_text(one, "upstreamRepositoryPrefix") or "ROOT",
    )


def access_of(rule: CacheRule) -> dict[str, Any]:
    access = {"credentialArn": rule.credential, "customRoleArn": rule.role}
    return {name: value for name, value in access.items() if value}


def read_signing_rule(one: Mapping[str, Any]) -> SigningRule:
    return SigningRule(text(one, "signingProfileArn"), _patterns(one))


def as_signing_rule(rule: SigningRule) -> dict[str, Any]:
    filters = {"repositoryFilters": _filters(rule.patterns, "WILDCARD_MATCH")} if rule.patterns else {}
    return {"signingProfileArn": rule.profile, **filters}
