"""The registry's own policy. https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ecr_push.base.iam.read import PolicyError
from ecr_push.base.parse import read_json
from ecr_push.base.place import Place
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.compare import pretty_json
from ecr_push.upkeep.file import is_none
from ecr_push.upkeep.policies.check import check_policy
from ecr_push.upkeep.policies.model import REGISTRY_VERBS, Grant
from ecr_push.upkeep.policies.read import read_grants
from ecr_push.upkeep.policies.render import registry_policy
from ecr_push.upkeep.policies.words import short_form, words_of
from ecr_push.upkeep.registry.model import Items, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader


class RegistryPolicy:
    """Two are equal if they mean the same. words: what it means; its JSON where that cannot be read."""

    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self.place = place
        try:
            self.words: Sequence[str] = words_of(text, place, REGISTRY_VERBS)
        except PolicyError:
            self.words = tuple(pretty_json(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegistryPolicy) and self.words == other.words

    def __hash__(self) -> int:
        return hash(tuple(self.words))


def _read(registry: PrivateRegistry) -> Items:
    text = registry.policy()
    return {"": RegistryPolicy(text, Place(registry.region, registry.account()))} if text else {}


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    place = reader.place
    text = "" if is_none(node) else _text(reader, node, place)
    for fault in check_policy(text, "registry", place=place) if text else ():
        say = reader.complain if fault.level == "mistake" else reader.doubt
        say(node.line, f"policy: {fault.what}")
    wanted = RegistryPolicy(text, place) if text else None
    return WantedSection({"": lambda found: wanted}, line=node.line)


def _text(reader: RegistryReader, node: Node, place: Place) -> str:
    """Of who may do what in a few words, of a file, or JSON itself. "" for none, and after a mistake."""
    if isinstance(node.value, YamlMapping):
        readers: Mapping[str, Callable[[Node], tuple[Grant, ...]]] = {
            verb: partial(_grants, verb, place) for verb in REGISTRY_VERBS
        }
        found = reader.values(reader.entries(node, readers), readers)
        return registry_policy([grant for grants in found.values() for grant in grants], place)
    try:
        return json.dumps(read_json(reader.document(node)), separators=(",", ":"))
    except ValueError as error:
        reader.complain(node.line, f"policy: {error}")
        return ""


def _grants(verb: str, place: Place, node: Node) -> tuple[Grant, ...]:
    return read_grants(node, verb, lambda: place, REGISTRY_VERBS)


def _tree(policy: RegistryPolicy) -> Any:
    """In a few words where they mean exactly this."""
    try:
        short = short_form(policy.text, policy.place, REGISTRY_VERBS)
    except PolicyError:
        short = None
    if short is None:
        return "\n".join(pretty_json(policy.text))
    return {verb: list(words) for verb, words in short.items()}


def _make(
    registry: PrivateRegistry, name: str, before: RegistryPolicy | None, after: RegistryPolicy | None
) -> None:
    registry.put_policy(after.text if after else "")


def _notes(found: Items, after: Items) -> Iterator[str]:
    policy = after.get("")
    if policy and policy != found.get("") and '"Deny"' in policy.text:
        yield "policy: a Deny here may refuse what the policies of role and repository allow"


POLICY = Section("policy", _read, _parse, _tree, _make, notes=_notes)
