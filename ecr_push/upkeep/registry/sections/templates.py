"""What repositories get that ECR itself creates: by a pull-through cache, replication, or a push.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.registry_settings import CreationTemplate
from ecr_push.upkeep.as_file import entry_of
from ecr_push.upkeep.compare import as_data
from ecr_push.upkeep.file import is_none, text_of, texts_of
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.model import Wanted
from ecr_push.upkeep.registry.model import Items, Over, Problem, Section, WantedSection, removed
from ecr_push.upkeep.registry.reader import RegistryReader

# Shape RCTAppliedFor.
_SCENARIOS = ("PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH")
# Shape Prefix.
_PREFIX = lazy_regex(r"([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)")
_LONGEST_PREFIX = 256
_LONGEST_DESCRIPTION = 256
_MOST_TAGS = 50
# Shape KmsKeyForRepositoryCreationTemplate takes no alias.
_KEY = lazy_regex(r"arn:aws[a-z0-9-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+")
_NOT_HERE = "scan-on-push"  # which the registry's rules say


def _read(registry: PrivateRegistry) -> Items:
    return {
        prefix: replace(one, lifecycle=_same_lifecycle(one.lifecycle), policy=_same(one.policy))
        for prefix, one in registry.templates().items()
    }


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({}, line=node.line, whole=True)
    readers: Mapping[str, Callable[[Node], Any]] = {
        "applied-for": _scenarios,
        "description": _description,
        "role": partial(_role, reader),
    }
    settings = [name for name in reader.readers if name != _NOT_HERE]
    items: dict[str, Over] = {}
    lines: dict[str, int] = {}
    entries = reader.entries(node)
    reader.check_prefixes(entries)
    for prefix, entry in entries.items():
        if len(prefix) > _LONGEST_PREFIX or not _PREFIX.fullmatch(prefix):
            what = f"{prefix!r} is not a prefix of names: expected a-z, 0-9 and ._/-, or ROOT for all others"
            reader.complain(entry.line, what)
        lines[prefix] = entry.line
        if is_none(entry.node):
            items[prefix] = removed
            continue
        given = _given(reader, reader.entries(entry.node, (*readers, *settings)), readers)
        items[prefix] = partial(_over, given)
    return WantedSection(items, lines, node.line)


def _given(
    reader: RegistryReader, entries: Mapping[str, Entry], readers: Mapping[str, Callable[[Node], Any]]
) -> dict[str, Any]:
    """The fields of a template that its entries name."""
    found = {key.replace("-", "_"): value for key, value in reader.values(entries, readers).items()}
    wanted = reader.wanted_of(entries).settled
    for one in fields(CreationTemplate):
        value = getattr(wanted, one.name, None)
        if value is not None:
            found[one.name] = _same(value) if one.name == "policy" else value
    return found


def _over(given: Mapping[str, Any], found: CreationTemplate | None) -> CreationTemplate:
    """What the file leaves out stays, and so do other tags."""
    before = found or CreationTemplate(())
    tags = {**before.tags, **given.get("tags", {})}
    if given.get("mutability", before.mutability) != before.mutability:
        before = replace(before, exceptions=())  # which were those of the other one
    return replace(before, **{**given, "tags": tags})


def _same(policy: str) -> str:
    """A policy with the same text whatever its spaces and the order of its members."""
    return json.dumps(as_data(policy), sort_keys=True) if policy else ""


def _same_lifecycle(policy: str) -> str:
    try:
        return as_json(read_lifecycle_policy(policy)) if policy else ""
    except LifecyclePolicyError:
        return _same(policy)


def _scenarios(node: Node) -> tuple[str, ...]:
    names = {one.lower().replace("_", "-"): one for one in _SCENARIOS}
    found = []
    for text in texts_of(node):
        if text.lower().replace("_", "-") not in names:
            raise ValueError(f"{text!r} is not one of {', '.join(names)}")
        found.append(names[text.lower().replace("_", "-")])
    if not found:
        raise ValueError(f"is empty: expected some of {', '.join(names)}")
    return tuple(sorted(set(found)))


def _description(node: Node) -> str:
    text = "" if is_none(node) else text_of(node)
    if len(text) > _LONGEST_DESCRIPTION:
        raise ValueError(f"has {len(text)} characters, ECR takes {_LONGEST_DESCRIPTION}")
    return text


def _role(reader: RegistryReader, node: Node) -> str:
    if is_none(node):
        return ""
    reader.check_arn(text_of(node), "iam", regional=False)
    return text_of(node)


def _tree(one: CreationTemplate) -> Any:
    settings = Wanted(
        one.mutability,
        one.exceptions,
        None,
        one.encryption,
        one.kms_key or None,
        one.lifecycle or None,
        one.policy or None,
        dict(sorted(one.tags.items())),
    )
    found = {
        "description": one.description,
        "applied-for": [name.lower().replace("_", "-") for name in one.applied_for],
        **entry_of(settings),
        "role": one.role,
    }
    return {name: value for name, value in found.items() if value}


def _make(
    registry: PrivateRegistry, prefix: str, before: CreationTemplate | None, after: CreationTemplate | None
) -> None:
    if after is None:
        registry.remove_template(prefix)
    else:
        registry.put_template(prefix, after, before)


def _problems(found: Items, after: Items, place: Place) -> Iterator[Problem]:
    for prefix, one in after.items():
        if one != found.get(prefix):
            yield from ((prefix, f"{prefix}: {problem}") for problem in _problems_of(one))


def _problems_of(one: CreationTemplate) -> Iterator[str]:
    if not one.applied_for:
        yield "applied-for is missing: expected some of create-on-push, replication, pull-through-cache"
    if one.kms_key and one.encryption == "AES256":
        yield "kms-key: needs encryption: KMS or KMS_DSSE"
    if one.kms_key and not _KEY.fullmatch(one.kms_key):
        yield f"kms-key: {one.kms_key!r} is not the ARN of a key, which a template needs: no alias"
    if not one.role and (one.tags or one.encryption != "AES256"):
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
        what = "tags" if one.tags else "a KMS key"
        yield f"role is missing: with {what}, ECR creates no repository unless it may assume a role"
    if len(one.tags) > _MOST_TAGS:
        yield f"tags: has {len(one.tags)}, ECR takes {_MOST_TAGS}"


TEMPLATES = Section("templates", _read, _parse, _tree, _make, _problems)
