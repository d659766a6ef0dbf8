"""How the registry scans: basic or enhanced, and which repositories when.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.registry_settings import RegistryScanning
from ecr_push.upkeep.file import is_none, word_of
from ecr_push.upkeep.registry.model import Items, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader

# Shapes ScanFrequency and RegistryScanningRule, whose documentation says which mode takes which.
_WORDS = {"on-push": "SCAN_ON_PUSH", "continuous": "CONTINUOUS_SCAN", "manual": "MANUAL"}
_TAKES = {"BASIC": ("on-push", "manual"), "ENHANCED": ("on-push", "continuous")}
_MOST_PATTERNS = 100
# Shape ScanningRepositoryFilterValue, whose own pattern takes Python a time that doubles with each character.
_PATTERN = lazy_regex(r"[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*")
_LONGEST = 255


def _read(registry: PrivateRegistry) -> Items:
    return {"": registry.scanning()}


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({"": lambda found: RegistryScanning()}, line=node.line)
    entries = reader.entries(node, ("type", *_WORDS))
    mode = ""
    if "type" not in entries:
        reader.complain(node.line, "scanning: type is missing: basic or enhanced")
    else:
        try:
            mode = word_of(entries["type"].node, tuple(_TAKES))
        except ValueError as error:
            reader.complain(entries["type"].line, f"type: {error}")
    rules: dict[str, tuple[str, ...]] = {}
    for word, frequency in _WORDS.items():
        if word not in entries:
            continue
        if mode and word not in _TAKES[mode]:
            takes = " and ".join(_TAKES[mode])
            reader.complain(entries[word].line, f"{word}: {mode.lower()} scanning takes {takes} alone")
        reader.check_number(entries[word].node, "patterns", _MOST_PATTERNS)
        rules[frequency] = reader.texts(word, entries[word].node, _problem)
    seen: dict[str, str] = {}
    for word, frequency in _WORDS.items():
        for pattern in rules.get(frequency, ()):
            if pattern in seen:
                what = f"{word}: {pattern!r} is under {seen[pattern]}, too: the two contradict each other"
                reader.complain(entries[word].line, what)
            seen[pattern] = word
    return WantedSection({"": lambda found: RegistryScanning(mode, rules)}, line=node.line)


def _problem(pattern: str) -> str:
    if len(pattern) > _LONGEST or not _PATTERN.fullmatch(pattern):
        return f"is not a pattern: expected up to {_LONGEST} of a-z, 0-9, ._/- and *"
    return ""


def _tree(scanning: RegistryScanning) -> Any:
    words = {frequency: word for word, frequency in _WORDS.items()}
    return {"type": scanning.mode.lower()} | {
        words.get(frequency, frequency.lower()): list(patterns)
        for frequency, patterns in sorted(scanning.rules.items(), reverse=True)
    }


def _make(registry: PrivateRegistry, name: str, before: object, after: RegistryScanning | None) -> None:
    registry.put_scanning(after or RegistryScanning())


def _notes(found: Items, after: Items) -> Iterator[str]:
    before, scanning = found.get("", RegistryScanning()), after.get("", RegistryScanning())
    if scanning.mode == "ENHANCED" and not any(scanning.rules.values()):
        yield "scanning: enhanced, and no pattern: no repository is scanned, and no image gets a result"
    if before.mode == "ENHANCED" and scanning.mode == "BASIC":
        yield "scanning: without enhanced scanning its findings are gone"
    if before.mode == "BASIC" and scanning.mode == "ENHANCED":
        yield "scanning: enhanced scanning is billed for each image"
    for pattern in sorted(one for rule in scanning.rules.values() for one in rule if "*" not in one):
        yield f"scanning: {pattern} has no *, and so means every name that contains it"


SCANNING = Section("scanning", _read, _parse, _tree, _make, notes=_notes)
