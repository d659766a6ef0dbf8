"""The public repositories of a file -> what they are to show, with every mistake and its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ecr_push.base.reference import check_repository_name
from ecr_push.base.yaml_tree import Node
from ecr_push.upkeep.file import FileReader, is_empty, text_of, texts_of
from ecr_push.upkeep.public_model import WantedCatalog

# Shapes RepositoryDescription, AboutText, UsageText, LogoImageBlob, ArchitectureList of ECR Public's model.
_DESCRIPTION, _TEXT, _LOGO, _LIST = 1024, 25_600, 512_000, 50
# Those that the gallery knows: shape RepositoryCatalogDataInput.
ARCHITECTURES = ("ARM", "ARM 64", "x86", "x86-64")
OPERATING_SYSTEMS = ("Linux", "Windows")


def read_public(reader: FileReader, node: Node) -> Mapping[str, WantedCatalog]:
    """By the name without the alias. What is wrong goes to the reader."""
    found = {}
    for name, entry in reader.entries(node).items():
        try:
            check_repository_name(name)
        except ValueError as error:
            reader.complain(entry.line, str(error))
        found[name] = WantedCatalog() if is_empty(entry.node) else _catalog(reader, entry.node)
    return found


def _catalog(reader: FileReader, node: Node) -> WantedCatalog:
    readers: Mapping[str, Callable[[Node], Any]] = {
        "description": lambda one: _short(text_of(one), "description", _DESCRIPTION),
        "about": lambda one: _short(reader.content(text_of(one)), text_of(one), _TEXT),
        "usage": lambda one: _short(reader.content(text_of(one)), text_of(one), _TEXT),
        "logo": lambda one: _logo(reader, text_of(one)),
        "architectures": lambda one: _known(texts_of(one), ARCHITECTURES),
        "operating-systems": lambda one: _known(texts_of(one), OPERATING_SYSTEMS),
    }
    found = {}
    for name, entry in reader.entries(node, readers).items():
        try:
            found[name.replace("-", "_")] = readers[name](entry.node)
        except ValueError as error:
            reader.complain(entry.node.line, f"{name}: {error}")
    return WantedCatalog(**found)


def _short(text: str, what: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(f"{what} has {len(text):,} characters, ECR Public takes {most:,}")
    return text


def _logo(reader: FileReader, name: str) -> bytes:
    content = reader.data(name)
    if len(content) > _LOGO:
        raise ValueError(f"{name} has {len(content):,} bytes, ECR Public takes {_LOGO:,}")
    if not content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise ValueError(f"{name} is neither PNG nor JPEG")
    return content


def _known(words: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """As the gallery spells them, which finds no other ones."""
    by_case = {one.lower().replace(" ", ""): one for one in known}
    found = []
    for word in words:
        one = by_case.get(word.lower().replace(" ", "").replace("_", "-"))
        if one is None:
            raise ValueError(f"{word!r} is not one of {', '.join(known)}")
        found.append(one)
    if len(found) > _LIST:
        raise ValueError(f"has {len(found)} entries, ECR Public takes {_LIST}")
    return tuple(dict.fromkeys(found))
