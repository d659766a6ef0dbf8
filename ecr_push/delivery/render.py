"""A file that deploys an image -> the same file with another image; all else stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_spans import read_documents
from ecr_push.delivery.edit import Deployed, Edit, apply
from ecr_push.delivery.keys import Key, key_edits
from ecr_push.delivery.kustomize import is_kustomization, kustomize_edits
from ecr_push.delivery.places import image_edits


@dataclass(frozen=True)
class Choice:
    """What of a file is meant; without any of it the image's repository decides.

    lines: whether messages name the text's lines.
    """

    containers: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    lines: bool = True


@dataclass(frozen=True)
class Rendered:
    """text: of the whole file. edits: those that change something, in the file's order."""

    text: str
    edits: tuple[Edit, ...]


def render(text: str, name: str, deployed: Deployed, choice: Choice) -> Rendered:
    """The file with the image in it. name: the file's, which tells JSON and a kustomization.

    Raises ValueError, and its kind YamlError, with what is wrong, a line each.
    """
    path = PurePath(name)
    documents = read_documents(text, json=path.suffix == ".json")
    if choice.keys:
        edits: Sequence[Edit] = key_edits(documents, deployed, choice.keys)
        if choice.containers:
            edits = [*edits, *image_edits(documents, deployed, choice.containers)]
    elif is_kustomization(documents, path.name):
        edits = kustomize_edits(text, documents, deployed, choice.containers)
    else:
        edits = image_edits(documents, deployed, choice.containers, lines=choice.lines)
    changing = {
        (one.begin, one.end): one for one in edits if text[one.begin : one.end] != one.text or not one.text
    }
    kept = tuple(changing[place] for place in sorted(changing))
    return Rendered(apply(text, kept), kept)
