"""Where a file names a container's image: `image`, beside or below the container's name.

ECS task definitions, manifests of Kubernetes, compose files, Batch, SageMaker, SAM templates and the files of
CodePipeline have it under one of a few names. Of all those places the ones count that name the repository of
the image, or that belong to the containers that the user names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_spans import Members, Position, Text, positions
from ecr_push.delivery.edit import Deployed, Edit, is_of, replaced

_IMAGE = ("image", "Image", "imageUri", "ImageUri", "ImageURI")
_NAME = ("name", "Name", "ContainerHostname", "container_name")


@dataclass(frozen=True)
class ImagePosition:
    """A place with an image, and the name of its container; "" where the file gives none."""

    position: Position
    container: str

    @property
    def text(self) -> Text:
        found: Text = self.position.node
        return found

    def shown(self, *, line: bool) -> str:
        """line: whether to name it, too."""
        where = f"line {self.text.line}, " if line else ""
        return f"{self.container or self.position} ({where}{self.text.value or 'empty'})"

    def __str__(self) -> str:
        return self.shown(line=True)


def find_images(document: Any) -> Iterator[ImagePosition]:
    """Every place of a document that names an image."""
    for position in positions(document):
        if position.steps and position.steps[-1] in _IMAGE and isinstance(position.node, Text):
            parent: Members = position.parents[-1]
            # A service of a compose file has its name above it.
            above = position.steps[-2] if len(position.steps) > 1 else ""
            yield ImagePosition(position, parent.text(*_NAME) or (above if isinstance(above, str) else ""))


def image_edits(
    documents: Sequence[Any], deployed: Deployed, containers: Sequence[str], *, lines: bool = True
) -> list[Edit]:
    """The edits of the places that are meant. containers: their names; without any the repository decides.

    lines: whether messages name lines, which only the text of a file has.
    Raises ValueError with what is wrong, a line each.
    """
    found = [one for document in documents for one in find_images(document)]
    wrong = [
        f"there is no container {name!r}{did_you_mean(name, known)}; it has {_listed(found, lines)}"
        for known in [[one.container for one in found]]
        for name in containers
        if name not in known
    ]
    meant = [
        one
        for one in found
        if (one.container in containers if containers else is_of(one.text.value, deployed))
    ]
    if not meant and not wrong:
        chooses = _hint(documents) or ("; --container chooses" if found else "")
        wrong.append(f"no container has an image of {deployed.name}: it has {_listed(found, lines)}{chooses}")
    changed = {id(one.text) for one in meant}
    wrong += [
        f"line {other.text.line}: the image of {other} is an alias of one that is to change: write it out"
        for other in found
        if id(other.text) in changed and not any(other is one for one in meant)
    ]
    edits = []
    for one in meant:
        try:
            edits.append(replaced(one.text, str(deployed)))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("\n".join(wrong))
    return edits


def _hint(documents: Sequence[Any]) -> str:
    """How the values of a chart are named, which have no image as a whole."""
    for document in documents:
        for position in positions(document):
            if isinstance(position.node, Members) and position.node.text("repository"):
                keys = [f"{position}.{one}" for one in ("repository", "digest") if position.node.get(one)]
                named = " ".join(f"--key {key}={key.rpartition('.')[2]}" for key in keys)
                return f"; the parts of an image are at {position}: {named} names them"
    return ""


def _listed(found: Sequence[ImagePosition], lines: bool) -> str:
    shown = ", ".join(one.shown(line=lines) for one in found[:10])
    return shown + (" …" if len(found) > 10 else "") if found else "no image at all"
