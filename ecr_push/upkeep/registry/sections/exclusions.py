"""Principals whose pulls do not count as the last time an image was pulled.

A lifecycle rule by that time otherwise keeps what a scanner or a test pulls.
"""

from __future__ import annotations

from typing import Any

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.file import is_none, text_of
from ecr_push.upkeep.registry.model import Items, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader

# Shapes PrincipalArn and PullTimeUpdateExclusionList.
_PRINCIPAL = lazy_regex(r"arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)/[\w+=,.@-]+(/[\w+=,.@-]+)*")
MOST = 100


def _read(registry: PrivateRegistry) -> Items:
    return dict.fromkeys(registry.exclusions(), True)


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({}, line=node.line, whole=True)
    reader.check_number(node, "principals", MOST)
    found = reader.each("pull-time-exclusions", node, lambda one: _principal(reader, text_of(one)))
    reader.check_distinct("pull-time-exclusions", found)
    items = {arn: lambda found: True for _, arn in found}
    return WantedSection(items, {arn: line for line, arn in found}, node.line, whole=True)


def _principal(reader: RegistryReader, arn: str) -> str:
    if ":assumed-role/" in arn:
        raise ValueError(f"{arn} is a session: expected its role, arn:aws:iam::ACCOUNT:role/NAME")
    reader.check_arn(arn, "iam", regional=False)
    if not _PRINCIPAL.fullmatch(arn):
        raise ValueError(f"{arn!r} is not a principal: expected the ARN of a role or a user, without *")
    return arn


def _tree(one: object) -> Any:
    return ""


def _make(registry: PrivateRegistry, arn: str, before: object, after: object) -> None:
    if after is None:
        registry.remove_exclusion(arn)
    else:
        registry.add_exclusion(arn)


EXCLUSIONS = Section("pull-time-exclusions", _read, _parse, _tree, _make)
