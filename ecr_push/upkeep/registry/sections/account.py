"""Settings of the account in this region. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.file import word_of
from ecr_push.upkeep.registry.model import Items, Problem, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader

# The settings, which shape AccountSettingName lists in its documentation, not as an enum, and their values.
# ECR no longer goes back to the second value of the first two, and may still have it.
_VALUES = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "REGISTRY_POLICY_SCOPE": ("V2", "V1"),
    "BLOB_MOUNTING": ("ENABLED", "DISABLED"),
}
_BEHIND = ("CLAIR", "V1")
_FLAGS: Mapping[str, str] = {"true": "ENABLED", "false": "DISABLED"}


def _name(setting: str) -> str:
    return setting.lower().replace("_", "-")


_SETTINGS = {_name(setting): setting for setting in _VALUES}


def _read(registry: PrivateRegistry) -> Items:
    found = {setting: registry.account_setting(setting) for setting in _VALUES}
    return {_name(setting): value for setting, value in found.items() if value}


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    readers = {name: partial(_value, _VALUES[setting]) for name, setting in _SETTINGS.items()}
    entries = reader.entries(node, readers)
    items = {name: partial(_given, value) for name, value in reader.values(entries, readers).items()}
    return WantedSection(items, {name: entry.line for name, entry in entries.items()}, node.line)


def _value(values: tuple[str, ...], node: Node) -> str:
    if "ENABLED" in values and isinstance(node.value, str) and node.value.lower() in _FLAGS:
        return _FLAGS[node.value.lower()]
    return word_of(node, ("true", "false", *values) if "ENABLED" in values else values)


def _given(value: str, found: str | None) -> str:
    return value


def _tree(value: str) -> Any:
    return value.lower() if value in _FLAGS.values() else value


def _make(registry: PrivateRegistry, name: str, before: str | None, after: str | None) -> None:
    if after:
        registry.put_account_setting(_SETTINGS[name], after)


def _problems(found: Items, after: Items, place: Place) -> Iterator[Problem]:
    for name, value in after.items():
        if value in _BEHIND and found.get(name) != value:
            yield name, f"{name}: ECR no longer takes {value}"


def _notes(found: Items, after: Items) -> Iterator[str]:
    if (found.get("registry-policy-scope"), after.get("registry-policy-scope")) == ("V1", "V2"):
        yield "settings: with V2 the registry's policy counts for every request, not for replication alone"


ACCOUNT = Section("settings", _read, _parse, _tree, _make, _problems, _notes)
