"""Pull-through caches: a prefix under which ECR fetches and keeps the images of another registry.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.registry_settings import CacheRule
from ecr_push.upkeep.file import is_none, text_of
from ecr_push.upkeep.registry.model import Items, Over, Problem, Section, WantedSection, removed
from ecr_push.upkeep.registry.reader import RegistryReader

# Shape UpstreamRegistry, and the documentation of upstreamRegistryUrl: the host of each.
_HOSTS = {
    "docker-hub": "registry-1.docker.io",
    "ecr-public": "public.ecr.aws",
    "quay": "quay.io",
    "k8s": "registry.k8s.io",
    "github-container-registry": "ghcr.io",
    "gitlab-container-registry": "registry.gitlab.com",
    "chainguard": "cgr.dev",
}
_OTHERS = {
    "azure-container-registry": lazy_regex(r"[a-z0-9]+\.azurecr\.io"),
    "ecr": lazy_regex(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?"),
}
_SAME = {"docker.io": "docker-hub", "index.docker.io": "docker-hub", "github": "github-container-registry"}
_SAME |= {"gitlab": "gitlab-container-registry", "quay.io/v2": "quay"}
_WITHOUT_CREDENTIALS = ("ecr", "ecr-public", "quay", "k8s")
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
MOST_RULES = 50
# Shape PullThroughCacheRuleRepositoryPrefix.
_PREFIX = lazy_regex(r"([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)")
_SHORTEST, _LONGEST = 2, 30
# Shape CredentialArn.
_SECRET = lazy_regex(r"arn:aws[a-z-]*:secretsmanager:[^:]+:[0-9]{12}:secret:(?P<name>.+)")
_SECRET_NAME = "ecr-pullthroughcache/"  # noqa: S105 - how the name of a secret begins


def _read(registry: PrivateRegistry) -> Items:
    return registry.caches()


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({}, line=node.line, whole=True)
    readers: Mapping[str, Callable[[Node], Any]] = {
        "upstream": partial(_upstream, reader),
        "credential": partial(_credential, reader),
        "role": partial(_role, reader),
        "upstream-prefix": lambda node: _prefix(text_of(node)),
    }
    items: dict[str, Over] = {}
    lines: dict[str, int] = {}
    entries = reader.entries(node)
    reader.check_prefixes(entries)
    for prefix, entry in entries.items():
        lines[prefix] = entry.line
        try:
            _prefix(prefix)
        except ValueError as error:
            reader.complain(entry.line, str(error))
        if is_none(entry.node):
            items[prefix] = removed
            continue
        given = reader.values(reader.entries(entry.node, readers), readers)
        if "upstream" in given:
            given["kind"], given["url"] = given.pop("upstream")
        given |= {"upstream_prefix": given.pop("upstream-prefix")} if "upstream-prefix" in given else {}
        items[prefix] = partial(_over, given)
    return WantedSection(items, lines, node.line)


def _over(given: Mapping[str, Any], found: CacheRule | None) -> CacheRule:
    """What the file leaves out stays, unless it is of another upstream."""
    same = found if found and given.get("url", found.url) == found.url else CacheRule("")
    return replace(same, **given)


def _upstream(reader: RegistryReader, node: Node) -> tuple[str, str]:
    """The kind of upstream registry, and its host."""
    here = reader.place
    text = text_of(node).removeprefix("https://").rstrip("/")
    kind = _SAME.get(text, text)
    for name, host in _HOSTS.items():
        if kind in (name, host):
            return name, host
    if here.account and text.startswith(f"{here.account}.dkr.ecr.{here.region}.amazonaws.com"):
        raise ValueError(f"{text} is this registry itself")
    for name, pattern in _OTHERS.items():
        if pattern.fullmatch(text):
            return name, text
    known = (*_HOSTS, *_HOSTS.values())
    raise ValueError(
        f"{text!r} is not an upstream that ECR knows: expected {', '.join(_HOSTS)}, NAME.azurecr.io or "
        f"ACCOUNT.dkr.ecr.REGION.amazonaws.com{did_you_mean(text, known)}"
    )


def _prefix(text: str) -> str:
    if not _SHORTEST <= len(text) <= _LONGEST or not _PREFIX.fullmatch(text):
        raise ValueError(
            f"{text!r} is not a prefix: expected {_SHORTEST} to {_LONGEST} of a-z, 0-9 and ._/-, or ROOT"
        )
    return text


def _credential(reader: RegistryReader, node: Node) -> str:
    arn = text_of(node)
    reader.check_arn(arn, "secretsmanager", regional=True)
    found = _SECRET.fullmatch(arn)
    if not found or not found["name"].startswith(_SECRET_NAME):
        raise ValueError(f"{arn}: the secret's name must begin with {_SECRET_NAME}")
    return arn


def _role(reader: RegistryReader, node: Node) -> str:
    reader.check_arn(text_of(node), "iam", regional=False)
    return text_of(node)


def _tree(rule: CacheRule) -> Any:
    found = {
        "upstream": rule.kind if rule.kind in _HOSTS else rule.url,
        "credential": rule.credential,
        "role": rule.role,
        "upstream-prefix": "" if rule.upstream_prefix == "ROOT" else rule.upstream_prefix,
    }
    return {name: value for name, value in found.items() if value}


def _make(registry: PrivateRegistry, prefix: str, before: CacheRule | None, after: CacheRule | None) -> None:
    if after is None:
        registry.remove_cache(prefix)
    elif before is None:
        registry.create_cache(prefix, after)
    elif _is_the_same_upstream(before, after):
        registry.update_cache(prefix, after)
    else:  # the repositories that it has filled stay
        registry.remove_cache(prefix)
        registry.create_cache(prefix, after)


def _is_the_same_upstream(before: CacheRule, after: CacheRule) -> bool:
    return (before.url, before.upstream_prefix) == (after.url, after.upstream_prefix)


def _problems(found: Items, after: Items, place: Place) -> Iterator[Problem]:
    if len(after) > MOST_RULES:
        yield "", f"pull-through: there would be {len(after)} rules, ECR takes {MOST_RULES}"
    for prefix, rule in after.items():
        if rule == found.get(prefix):
            continue
        if not rule.url:
            yield prefix, f"{prefix}: upstream is missing"
        elif rule.kind not in _WITHOUT_CREDENTIALS and not rule.credential:
            what = f"credential is missing: {rule.kind} needs the ARN of a secret {_SECRET_NAME}NAME"
            yield prefix, f"{prefix}: {what}"
        if rule.role and rule.kind not in ("", "ecr"):
            yield prefix, f"{prefix}: role: only another ECR is asked with one, and this is {rule.kind}"
        if not rule.role and (account := _other_account(rule, place)):
            # https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
            what = f"role is missing: ECR pulls from another account, {account}, by a role of this one"
            yield prefix, f"{prefix}: {what}: role: arn:{place.partition}:iam::{place.account}:role/NAME"


def _other_account(rule: CacheRule, place: Place) -> str:
    """The account of an upstream ECR that is not the registry's own; "" where it is, or is not known."""
    account = rule.url.partition(".")[0]
    return account if rule.kind == "ecr" and place.account and account != place.account else ""


def _notes(found: Items, after: Items) -> Iterator[str]:
    for prefix, rule in after.items():
        before = found.get(prefix)
        if before and not _is_the_same_upstream(before, rule):
            yield f"pull-through: {prefix} is removed and made again: ECR never changes a rule's upstream"
    prefixes = sorted(one.rstrip("/") for one in after if one != "ROOT")
    for short, long in combinations(prefixes, 2):
        if long.startswith(f"{short}/"):
            yield f"pull-through: {long} is under {short}, which has an upstream of its own"


CACHES = Section("pull-through", _read, _parse, _tree, _make, _problems, _notes)
