"""What a service is registered with, from a file or as AWS describes it; and the image put in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import PurePath
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node, read_yaml
from ecr_push.delivery.edit import Deployed
from ecr_push.delivery.read import read_text
from ecr_push.delivery.render import Choice, render

Definition = Mapping[str, Any]
# https://yaml.org/spec/1.2.2/#103-core-schema
_NOT_TEXT = lazy_regex(r"|~|null|true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class WithImage:
    """A definition that has the image. before: the images that were in its place, each once."""

    definition: Definition
    before: tuple[str, ...]


def is_file(text: str) -> bool:
    """Whether a text names a file: the names of definitions have neither a dot nor a slash."""
    return "." in text or "/" in text


def read_definition(path: str, deployed: Deployed, containers: tuple[str, ...]) -> WithImage:
    """The definition in a file of YAML or JSON, with the image. Raises SettingsError."""
    try:
        rendered = render(read_text(path), path, deployed, Choice(containers))
        found = _values(rendered.text, PurePath(path).suffix)
        if not isinstance(found, Mapping):
            raise ValueError("it has no members")
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise SettingsError([f"{path}: {line}" for line in str(error).splitlines()]) from error
    before = dict.fromkeys(edit.before for edit in rendered.edits)
    return WithImage(without_nulls(found), tuple(before) or (str(deployed),))


def _values(text: str, suffix: str) -> Any:
    """Raises ValueError."""
    if suffix == ".json":
        return read_json(text)
    root = read_yaml(text)
    return _value(root) if root else None


def _value(node: Node) -> Any:
    """The value that YAML means, by its core schema: a word without quotes may be a number or a switch."""
    if isinstance(node.value, tuple):
        return [_value(one) for one in node.value]
    if not isinstance(node.value, str):
        return {one.name: _value(one.node) for one in node.value.entries}
    if node.plain and _NOT_TEXT.fullmatch(node.value):
        return json.loads(node.value.lower().replace("~", "null") or "null")
    return node.value


def put_image(
    definition: Definition, subject: str, deployed: Deployed, containers: tuple[str, ...]
) -> WithImage:
    """A definition as AWS describes it, with the image: by the same rules as in a file.

    subject: what it is of, in words. Raises SettingsError.
    """
    text = json.dumps(definition).replace("\x7f", r"\u007f")  # which YAML takes in no text, and JSON does
    try:
        rendered = render(text, "definition.json", deployed, Choice(containers, lines=False))
    except ValueError as error:
        raise SettingsError([f"{subject}: {line}" for line in str(error).splitlines()]) from error
    before = dict.fromkeys(edit.before for edit in rendered.edits)
    return WithImage(json.loads(rendered.text), tuple(before) or (str(deployed),))


def check_definition(path: str, problems: Sequence[str]) -> None:
    """Raises SettingsError for a file that says what its service does not take. problems: what that is."""
    if problems:
        raise SettingsError([f"{path}: {one}" for one in problems])


def without(definition: Definition, names: Set[str]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name not in names}


def without_nulls(value: Any) -> Any:
    """A file may say `null` for what is not there; AWS's SDK takes no such value."""
    if isinstance(value, Mapping):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value if one is not None] if isinstance(value, list) else value


# Lists whose order has no meaning, and which ECS gives back in another one.
_BY_NAME = frozenset({"environment", "secrets", "tags", "resourceRequirements"})


def plain(value: Any, *defaults: tuple[str, Any], name: str = "") -> Any:
    """What a definition says, without what AWS adds to it: empty members, and these defaults by name.

    Two definitions that are the same so are registered once. What is unknown counts as a difference.
    """
    if isinstance(value, Mapping):
        members = {key: plain(one, *defaults, name=key) for key, one in value.items()}
        return {
            key: one
            for key, one in sorted(members.items())
            if (key, one) not in defaults and (one not in (None, "", [], {}, 0) or value[key] is False)
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [plain(one, *defaults) for one in value]
        return sorted(items, key=json.dumps) if name in _BY_NAME else items
    return value
