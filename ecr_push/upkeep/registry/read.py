"""A file of a registry's settings -> what they are to be, with every mistake and its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.upkeep.file import text_of
from ecr_push.upkeep.registry.model import WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader
from ecr_push.upkeep.registry.sections import SECTIONS

_REGISTRY = "registry"
_PLACE = lazy_regex(r"(?P<account>[0-9]{12})/(?P<region>[a-z0-9-]+)")


@dataclass(frozen=True)
class WantedRegistry:
    """What a file says, by the key of each section. problems: its mistakes so far; then it is incomplete.

    doubts: what is probably not meant, each with its line.
    """

    sections: Mapping[str, WantedSection]
    problems: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def read_registry_file(path: Path, place: Place) -> WantedRegistry:
    """place: of the registry; its account is "" where it cannot be asked."""
    reader = RegistryReader(path, place)
    sections = {}
    root = reader.root()
    entries = reader.entries(root, (_REGISTRY, *(one.key for one in SECTIONS))) if root else {}
    if not entries and not reader.problems:
        keys = ", ".join(one.key for one in SECTIONS)
        reader.problems.append(f"{path}: says nothing: expected some of {keys}")
    if _REGISTRY in entries:
        _check_place(reader, entries[_REGISTRY].node)
    for section in SECTIONS:
        if section.key in entries:
            known = len(reader.problems)
            found = section.parse(reader, entries[section.key].node)
            if len(reader.problems) == known:
                sections[section.key] = found
    return WantedRegistry(sections, tuple(reader.problems), tuple(reader.doubts))


def _check_place(reader: RegistryReader, node: Node) -> None:
    """So that the file is not applied to another registry by mistake."""
    try:
        text = text_of(node)
    except ValueError as error:
        reader.complain(node.line, f"{_REGISTRY}: {error}")
        return
    found = _PLACE.fullmatch(text)
    here = reader.place
    if not found:
        reader.complain(node.line, f"{_REGISTRY}: {text!r} is not ACCOUNT/REGION")
    elif (found["account"], found["region"]) != (here.account or found["account"], here.region):
        what = f"the file is for {text}, and this is {here.account or '(unknown)'}/{here.region}"
        reader.complain(node.line, f"{_REGISTRY}: {what}")
