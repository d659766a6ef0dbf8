"""What a command for several images hands to the run of one: its lines of ecr-push.yml, and the checkout.

The command has read both as a whole, and there may be hundreds of images. The run takes these lines for the
file's: it checks them as it would the file, and believes them no more. Of the checkout it looks again at what
goes into its image.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecr_push.base import shape
from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.base.parse import read_json
from ecr_push.base.safe_write import write_text
from ecr_push.base.yaml_json import as_json, from_json
from ecr_push.base.yaml_nodes import Entry, mapping_of
from ecr_push.base.yaml_nodes import Mapping as YamlMapping
from ecr_push.settings.file import IMAGES
from ecr_push.source.git.checkout import Seen

_LARGEST = 16 << 20  # bytes: a character may take six, and each value has its line


@dataclass(frozen=True)
class HandedOver:
    """entries: the lines, of the whole file until it is handed over. seen: None where git was not asked."""

    entries: tuple[Entry, ...]
    seen: Seen | None = None


def hand_over(given: HandedOver, name: str, concerned: Container[str], file: Path, path: Path) -> bool:
    """Writes what is for an image into a private file. False where that is too much: the run reads it itself.

    concerned: the images whose lines the run of this one needs. file: ecr-push.yml. Raises OSError.
    """
    lines = as_json(_only(one, concerned) for one in given.entries)
    if lines is None:
        return False
    seen = given.seen and {
        "root": str(given.seen.root),
        "commit": given.seen.commit,
        "dirty": given.seen.dirty,
    }
    content = {"file": _named(file), "image": name, "entries": lines, "checkout": seen}
    write_text(path, json.dumps(content), Fences.of(path.parent))
    return True


def handed_over(path: Path, file: Path, name: str) -> HandedOver | None:
    """What is there for the run of that image of that ecr-push.yml; None for nothing.

    The variable that names path is handed on to whatever the run starts, be it for another file.
    """
    try:
        found = read_json(read_bytes(path, _LARGEST, Fences.of(path.parent)))
        if (shape.text(found, "file"), shape.text(found, "image")) != (_named(file), name):
            return None
        has_git = shape.member(found, "checkout") is not None
        seen = shape.inside(_seen, found, "checkout") if has_git else None
        return HandedOver(from_json(found, "entries"), seen)
    except (OSError, ValueError):
        return None


def _seen(found: Mapping[str, Any]) -> Seen:
    dirty = tuple(shape.each_text(str, found, "dirty"))
    return Seen(Path(shape.text(found, "root")), shape.text(found, "commit"), dirty)


def _named(file: Path) -> str:
    return os.path.abspath(file)  # noqa: PTH100 - Path.absolute leaves `..` in it


def _only(entry: Entry, images: Container[str]) -> Entry:
    if entry.name != IMAGES or not isinstance(entry.node.value, YamlMapping):
        return entry
    kept = tuple(one for one in entry.node.value.entries if one.name in images)
    return replace(entry, node=mapping_of(kept, entry.node.line))
