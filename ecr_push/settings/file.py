"""ecr-push.yml -> what it gives for each option, with the line of each, and what is wrong with the rest."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import Field
from pathlib import Path
from typing import Any

from ecr_push.base.checkout_files import NotTextError, read_bytes, utf8
from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.paths import outside_of_here
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Entry, Mapping, Node, YamlError, read_yaml
from ecr_push.builder.buildkit_address import is_address
from ecr_push.builder.buildkit_values import cache_of, context_of, folder_of
from ecr_push.settings import declare as declared
from ecr_push.settings.given import Given, read_given
from ecr_push.settings.values import split

_NOT_FOR_THE_FILE = "is not allowed in this file, which comes with a pull request, as part of what is built"
_NESTED = "expected a text, not a list or a map"


# Files whose content can be shown: that of a Dockerfile in the builder's log.
_READ = ("advisories", "dockerfile", "policy", "version-file")
# Files that are written: below the working directory.
_WRITTEN = ("metrics", "report", "result")
# A folder beside the checkout would be in the image, or be written over.
_CACHES = ("cache-from", "cache-to")
_LARGEST = 1024 * 1024  # bytes
IMAGES = "images"  # the key that lists them: see `settings/images`


class UnreadError(Exception):
    """There is an ecr-push.yml, and nothing of what it says is known."""


def read_values(
    entries: Iterable[Entry],
    path: Path,
    fences: Fences,
    problems: list[str],
    *,
    within: str = "",
    others: Collection[str] = (IMAGES,),
) -> Iterator[tuple[str, Given]]:
    """The name of each option that these lines of the file give, and its value; mistakes go to problems.

    within: what the lines stand below, with a dot: `images.api.`. others: names that are not those of
    options, and are read elsewhere.
    """
    known = declared.by_key()
    seen: dict[str, int] = {}
    for entry in entries:
        line, name = entry.line, entry.name
        place = f"{path}, line {line}, {within}{name}"
        if name in seen:
            problems.append(f"{path}, line {line}: {within + name!r} is already set in line {seen[name]}")
        seen[name] = line
        if name in others:
            continue
        if name not in known:
            hint = _meant(name, (*known, *others))
            problems.append(f"{path}, line {line}: there is no setting {within + name!r}{hint}")
            continue
        if declared.option_help(known[name]).by_caller:
            given_by = declared.given_by_caller(known[name])
            problems.append(f"{place}: {_NOT_FOR_THE_FILE}: use {given_by}")
            continue
        try:
            value = _value(known[name], entry.node, path, fences, within)
        except ValueError as error:
            problems.append(f"{place}: {error}")
        else:
            yield known[name].name, read_given(known[name], value, place)


def _meant(name: str, known: Iterable[str]) -> str:
    from ecr_push.settings.other_names import meant_by

    hint = meant_by(name, {one: repr(one) for one in known})
    return f": {hint}" if hint else did_you_mean(name, known)


def read_entries(path: Path, fences: Fences) -> tuple[Entry, ...]:
    """What the file says, nothing where it is empty or missing. Raises UnreadError."""
    try:
        return entries_of(utf8(read_bytes(path, _LARGEST, fences)), path)
    except FileNotFoundError:
        if (other := path.with_suffix(".yaml")).is_file():
            raise UnreadError(f"there is an {other}, which is not read: rename it to {path.name}") from None
        return ()
    except RefusedPathError as error:
        raise UnreadError(f"{path}: cannot be read: {error.strerror}: {error.remedy}") from error
    except (NotTextError, OSError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadError(f"{path}: cannot be read: {why}") from error


def entries_of(text: str, path: Path) -> tuple[Entry, ...]:
    """What a text of the file says. Raises UnreadError."""
    try:
        root = read_yaml(text)  # every scalar stays text: the account 012345670123 is not read as octal
    except YamlError as error:
        place = f"{path}, {error.place}" if error.place else str(path)
        raise UnreadError(f"{place}: is not valid YAML: {error.problem}") from error
    if root is None:
        return ()
    if not isinstance(root.value, Mapping):
        raise UnreadError(f"{path}: expected settings as 'name: value' lines")
    return root.value.entries


def _plain(node: Node) -> Any:
    """A tree as texts, lists and dicts. Raises ValueError for a name that a map has twice."""
    if isinstance(node.value, str):
        return node.value
    if isinstance(node.value, tuple):
        return [_plain(one) for one in node.value]
    found: dict[str, Any] = {}
    for entry in node.value.entries:
        if entry.name in found:
            raise ValueError(f"{entry.name!r} is there twice")
        found[entry.name] = _plain(entry.node)
    return found


def _value(setting: Field[Any], node: Node, path: Path, fences: Fences, within: str) -> Any:
    """A YAML value as the option's type reads it. Raises ValueError for one that the file may not give."""
    name, about = declared.key(setting), declared.option_help(setting)
    if name == "policy" and isinstance(node.value, Mapping):
        if within:  # what reads it finds the one at the top
            raise ValueError(
                "expected a file: what this file itself holds as a policy is at its top, for all images"
            )
        return str(path)  # the policy is in this very file: `policy/files.py` reads it, with its lines
    value = _plain(node)
    if isinstance(value, list) and (nested := [one for one in value if not isinstance(one, str)]):
        raise ValueError(f"{nested[0]}: {_NESTED}")
    if name == "policy":
        if isinstance(value, str) and not value.startswith("s3://"):
            value = str(path.parent / value)
    elif isinstance(value, dict) and about.mapping:
        if deep := [one for one, of in value.items() if not isinstance(of, str)]:
            raise ValueError(f"{', '.join(deep)}: {_NESTED}")
        pairs = [f"{one}={of}" for one, of in value.items()]
        value = pairs if about.separator else ",".join(pairs)
    elif isinstance(value, str) or (isinstance(value, list) and about.block):
        value = split(about, value)
    if outside := _outside(_paths(name, value), fences):
        raise ValueError(
            f"{outside} is outside the checkout, and this file comes with a pull request: "
            f"use {declared.given_by_caller(setting)}"
        )
    if name == "builder" and is_address(str(value)):
        raise ValueError(
            "the registry's login and the build's secrets would go to that address, and this file comes "
            f"with a pull request: use {declared.given_by_caller(setting)}"
        )
    if name in _WRITTEN and (outside := outside_of_here(value)):
        raise ValueError(
            f"{outside} is not below the working directory, and this file comes with a pull request: "
            f"use {declared.given_by_caller(setting)}"
        )
    return value


def _paths(name: str, value: Any) -> Iterator[str]:
    """The paths that the option's value names: of files that are read, and of folders that a build gets."""
    for text in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
        if name in _READ and not text.startswith("s3://"):
            yield text
        elif name == "build-context":
            yield folder_of(context_of(text)[1])
        elif name in _CACHES:
            with contextlib.suppress(ValueError, csv.Error):  # which the option's own type reports
                given = cache_of(text)
                yield from (given.get(key, "") for key in ("src", "dest") if given.get("type") == "local")


def _outside(paths: Iterable[str], fences: Fences) -> str:
    """The first path that is not named as one in the checkout, or ""."""
    return next((one for one in paths if one and not fences.hold(Path(one))), "")
