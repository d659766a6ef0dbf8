"""An annotation as docker takes it, `[LEVEL[,LEVEL…]:]KEY=VALUE`, and where it belongs. Pure.

A level is where the annotation goes, of every platform or of one: `manifest[linux/arm64]`. Without a level it
goes onto the manifest. https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.suggest import did_you_mean

MANIFEST, MANIFEST_DESCRIPTOR = "manifest", "manifest-descriptor"
INDEX, INDEX_DESCRIPTOR = "index", "index-descriptor"
LEVELS = (MANIFEST, INDEX, MANIFEST_DESCRIPTOR, INDEX_DESCRIPTOR)
_LEVEL = r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?"


@dataclass(frozen=True)
class Annotation:
    """levels: each with its platform, OS/ARCH[/VARIANT], or "" for all of them; none is the manifest."""

    levels: tuple[tuple[str, str], ...]
    key: str
    value: str

    def __str__(self) -> str:
        levels = ",".join(level + (f"[{platform}]" if platform else "") for level, platform in self.levels)
        return f"{levels}{':' if levels else ''}{self.key}={self.value}"

    def on(self, level: str, platform: str = "") -> bool:
        """Whether it goes onto that level, of that platform."""
        return any(
            name == level and (not of or platform == of or platform.startswith(f"{of}/"))
            for name, of in self.levels or ((MANIFEST, ""),)
        )


def parse_annotation(text: str) -> Annotation:
    """Raises ValueError."""
    name, equals, value = text.partition("=")
    levels, colon, key = name.partition(":") if ":" in name else ("", "", name)
    if not equals or not key or key != "".join(key.split()):
        raise ValueError(f"{text!r}: expected [LEVEL:]KEY=VALUE, and no space in the key")
    return Annotation(tuple(map(_level, levels.split(","))) if colon else (), key, value)


def _level(text: str) -> tuple[str, str]:
    found = re.fullmatch(_LEVEL, text)
    if not found or found[1] not in LEVELS:
        raise ValueError(
            f"{text!r} is not a level of annotations: expected one of {', '.join(LEVELS)}, with [OS/ARCH] "
            f"behind it for one platform{did_you_mean(text, LEVELS)}"
        )
    return found[1], found[2] or ""


def without_index(annotations: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What of annotations an image of one platform can have, which has no index, and what is left out."""
    kept: list[str] = []
    left_out: list[str] = []
    for one in map(parse_annotation, annotations):
        manifest = tuple(level for level in one.levels if level[0] == MANIFEST)
        if manifest or not one.levels:
            kept.append(str(Annotation(manifest, one.key, one.value)))
        if len(manifest) < len(one.levels):
            others = tuple(level for level in one.levels if level[0] != MANIFEST)
            left_out.append(str(Annotation(others, one.key, "")).removesuffix("="))
    return tuple(kept), tuple(left_out)
