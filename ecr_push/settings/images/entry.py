"""The lines below `images` in ecr-push.yml -> what each image gives for each option, and what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.base.paths import find_top, named_path
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.settings.file import IMAGES, read_values
from ecr_push.settings.given import Given
from ecr_push.settings.images.needs import needs_problems
from ecr_push.settings.images.paths import within
from ecr_push.source.git_context import ContextDir

# It begins the names of reports, names a build context, and is a part of the names of a CI's jobs.
NAME = lazy_regex(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
LONGEST_NAME = 63
# The keys of an image that no option in ecr-push.yml has.
CONTEXT, NEEDS = OWN_KEYS = ("context", "needs")
_ARGUMENT = r"[A-Za-z_][A-Za-z0-9_]*"


@dataclass(frozen=True, repr=False)
class ImageEntry:
    """One image. place: the file and the line, as messages name it.

    given: by option name, with the context; a value with mistakes means nothing.
    needs: the images that are the base of this one, each with the build argument that gets its name, "" for a
           build context with the image's name.
    inside: the context from the checkout's top, `.` for all of it; "" where there is no checkout.
    top:   the checkout's top folder; None where there is none.
    """

    name: str
    place: str
    given: Mapping[str, Given]
    needs: Mapping[str, str]
    inside: str = ""
    top: Path | None = None


def read_images(
    entries: tuple[Entry, ...], path: Path, fences: Fences, problems: list[str]
) -> dict[str, ImageEntry]:
    """The images of the file by name, in its order; mistakes, those in values too, go to problems."""
    found: dict[str, ImageEntry] = {}
    top = find_top(named_path(path.parent))
    for entry in entries:
        if entry.name != IMAGES:
            continue
        if not isinstance(entry.node.value, YamlMapping):
            problems.append(
                f"{path}, line {entry.line}, {IMAGES}: expected 'name:' lines, each with its settings"
            )
            continue
        for one in entry.node.value.entries:
            if one.name in found:
                at = found[one.name].place
                problems.append(f"{path}, line {one.line}: there are two images {one.name!r}: see {at}")
            elif image := _image(one, path, fences, problems, top):
                found[one.name] = image
    problems += needs_problems({one.name: (one.place, one.needs) for one in found.values()})
    return {name: _with_known_needs(image, found) for name, image in found.items()}


def _with_known_needs(image: ImageEntry, images: Container[str]) -> ImageEntry:
    if all(one in images for one in image.needs):
        return image
    return replace(image, needs={one: name for one, name in image.needs.items() if one in images})


def _image(
    entry: Entry, path: Path, fences: Fences, problems: list[str], top: Path | None
) -> ImageEntry | None:
    place = f"{path}, line {entry.line}, {IMAGES}.{entry.name}"
    if len(entry.name) > LONGEST_NAME or not NAME.fullmatch(entry.name):
        problems.append(
            f"{path}, line {entry.line}: {entry.name!r} is not a name for an image: expected lower-case "
            f"letters, digits, and - . _ between them, {LONGEST_NAME} characters at most"
        )
        return None
    if not isinstance(entry.node.value, YamlMapping):
        problems.append(f"{place}: expected 'name: value' lines, such as context: and repository:")
        return None
    lines = entry.node.value.entries
    below = f"{IMAGES}.{entry.name}."
    given = dict(read_values(lines, path, fences, problems, within=below, others=OWN_KEYS))
    problems += [f"{one.origin}: {mistake}" for one in given.values() for mistake in one.mistakes]
    needs: dict[str, str] = {}
    context = "."
    for line in lines:
        if line.name not in OWN_KEYS:
            continue
        try:
            if line.name == CONTEXT:
                context = _context(line.node, path, fences)
            else:
                needs = dict(_needs(line.node))
        except ValueError as error:
            problems.append(f"{path}, line {line.line}, {below}{line.name}: {error}")
    folder = os.path.normpath(f"{path.parent}/{context}")
    given["context"] = Given(ContextDir(folder), place)
    return ImageEntry(entry.name, place, given, needs, _inside(folder, top), top)


def _context(node: Node, path: Path, fences: Fences) -> str:
    text = node.value
    if not isinstance(text, str) or not text:
        raise ValueError("expected a folder, relative to this file")
    if "://" in text:
        raise ValueError(f"{text!r}: expected a folder of the checkout, relative to this file")
    # The usual name is not looked at: a file may have hundreds.
    if (".." in text or text.startswith("/")) and not fences.hold(path.parent / text):
        raise ValueError(f"{text} is outside the checkout, and this file comes with a pull request")
    return text


def _inside(folder: str, top: Path | None) -> str:
    return "" if top is None else within(folder, str(top), os.getcwd())  # noqa: PTH109 - for each of hundreds


def _needs(node: Node) -> Iterator[tuple[str, str]]:
    """`base`, `[base, tools]`, or `{base: BASE_IMAGE}`."""
    if isinstance(node.value, YamlMapping):
        for one in node.value.entries:
            argument = one.node.value
            if not isinstance(argument, str) or not re.fullmatch(_ARGUMENT, argument):
                raise ValueError(f"{one.name}: expected the name of a build argument, such as BASE_IMAGE")
            yield one.name, argument
        return
    for node_of_name in node.value if isinstance(node.value, tuple) else (node,):
        if not isinstance(node_of_name.value, str):
            raise ValueError("expected names of images, or 'name: BUILD_ARGUMENT' lines")
        yield node_of_name.value, ""
