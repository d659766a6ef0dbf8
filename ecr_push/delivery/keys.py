"""Keys that the user names, such as those of a chart's values: `image.repository`, `containers[0].image`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_spans import Position, Text, positions
from ecr_push.delivery.edit import Deployed, Edit, replaced

PARTS = ("image", "repository", "registry", "name", "digest")
_STEP = lazy_regex(r'\.?(?:"(?P<quoted>[^"]*)"|(?P<name>[^.\["]+))|\[(?P<number>\d+)\]')


@dataclass(frozen=True)
class Key:
    """steps: names, and numbers of a list's nodes. part: what of the image is written there."""

    steps: tuple[str | int, ...]
    part: str = "image"

    @classmethod
    def parse(cls, text: str) -> Key:
        """`PATH` or `PATH=PART`. Raises ValueError."""
        path, equals, part = text.rpartition("=")
        if not equals:
            path, part = text, "image"
        if part not in PARTS:
            raise ValueError(f"{text!r}: {part!r} is not a part of an image: {', '.join(PARTS)}")
        steps: list[str | int] = []
        at = 0
        while at < len(path):
            found = _STEP.match(path, at)
            if not found or (at == 0 and path.startswith(".")):
                raise ValueError(f"{path!r} is not a key: expected NAME.NAME, with [0] for an item of a list")
            number = found["number"]
            steps.append(int(number) if number else found["quoted"] or found["name"])
            at = found.end()
        if not steps:
            raise ValueError(f"{text!r} names no key")
        return cls(tuple(steps), part)

    def __str__(self) -> str:
        return str(Position(self.steps, None))

    def value(self, deployed: Deployed) -> str:
        host, _, name = deployed.repository.partition("/")
        return {
            "image": str(deployed),
            "repository": deployed.repository,
            "registry": host,
            "name": name,
            "digest": str(deployed.digest),
        }[self.part]


def key_edits(documents: Sequence[Any], deployed: Deployed, keys: Sequence[Key]) -> list[Edit]:
    """The edits of the keys. Raises ValueError with what is wrong, a line each."""
    edits: list[Edit] = []
    wrong: list[str] = []
    texts = [one for document in documents for one in positions(document) if isinstance(one.node, Text)]
    for key in keys:
        meant = [one for one in texts if one.steps == key.steps]
        if len(meant) == 1:
            try:
                edits.append(replaced(meant[0].node, key.value(deployed)))
            except ValueError as error:
                wrong.append(str(error))
        elif meant:
            lines = ", ".join(str(one.node.line) for one in meant)
            wrong.append(
                f"{key} is there {len(meant)} times, in lines {lines}: name a file with one document"
            )
        else:
            wrong.append(f"there is no text at {key}{did_you_mean(str(key), map(str, texts))}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return edits
