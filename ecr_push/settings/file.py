"""ecr-push.yml -> what it gives for each option, with the line of each, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field
from pathlib import Path
from typing import Any

from ecr_push.base.paths import outside_of_here
from ecr_push.base.suggest import did_you_mean
from ecr_push.settings import declare as declared
from ecr_push.settings.values import split

_NOT_FOR_THE_FILE = "is not allowed in this file, which comes with a pull request, as part of what is built"
_NESTED = "expected a text, not a list or a map"


class UnreadError(Exception):
    """There is an ecr-push.yml, and nothing of what it says is known."""


def read_file(path: Path, problems: list[str]) -> Iterable[tuple[Field[Any], Any, str]]:
    """Each option that the file gives, its value, and its place; mistakes go to problems.

    Raises UnreadError before the first.
    """
    if not path.is_file():
        if (other := path.with_suffix(".yaml")).is_file():
            raise UnreadError(f"there is an {other}, which is not read: rename it to {path.name}")
        return
    import yaml

    root = _compose(path)
    if root is None:
        return
    known = {declared.key(setting): setting for setting in declared.options()}
    loader = yaml.BaseLoader("")
    seen: dict[str, int] = {}
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 1
        name = str(key_node.value)
        if name not in known:
            problems.append(f"{path}, line {line}: there is no setting {name!r}{did_you_mean(name, known)}")
            continue
        place = f"{path}, line {line}, {name}"
        if declared.option_help(known[name]).by_caller:
            given_by = declared.given_by_caller(known[name])
            problems.append(f"{place}: {_NOT_FOR_THE_FILE}: use {given_by}")
            continue
        if name in seen:
            problems.append(f"{path}, line {line}: {name!r} is already set in line {seen[name]}")
        seen[name] = line
        try:
            value = _value(known[name], loader.construct_object(value_node, deep=True), path)
        except yaml.YAMLError as error:  # it contains itself, or a name that is a list
            problems.append(f"{place}: cannot be read: {_yaml_words(error)}")
        except ValueError as error:
            problems.append(f"{place}: {error}")
        else:
            yield known[name], value, place


def _compose(path: Path) -> Any:
    """The file's tree, None where it is empty. Raises UnreadError."""
    import yaml

    try:
        # BaseLoader: every scalar stays text, so that the account 012345670123 is not read as octal.
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise UnreadError(f"{place}: is not valid YAML: {_yaml_words(error)}") from error
    except (UnicodeDecodeError, OSError) as error:
        raise UnreadError(f"{path}: cannot be read: {_one_line(error)}") from error
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise UnreadError(f"{path}: expected settings as 'name: value' lines")
    return root


def _value(setting: Field[Any], value: Any, path: Path) -> Any:
    """A YAML value as the option's type reads it. Raises ValueError for one that the file may not give."""
    name, about = declared.key(setting), declared.option_help(setting)
    if isinstance(value, list) and (nested := [one for one in value if not isinstance(one, str)]):
        raise ValueError(f"{nested[0]}: {_NESTED}")
    if name == "policy":
        if isinstance(value, dict):
            return str(path)  # the policy is in this very file: `policy/files.py` reads it, with its lines
        if isinstance(value, str) and not value.startswith("s3://"):
            return str(path.parent / value)
    elif isinstance(value, dict) and about.mapping:
        if deep := [one for one, of in value.items() if not isinstance(of, str)]:
            raise ValueError(f"{', '.join(deep)}: {_NESTED}")
        pairs = [f"{one}={of}" for one, of in value.items()]
        value = pairs if about.separator else ",".join(pairs)
    elif isinstance(value, str) or (isinstance(value, list) and about.block):
        value = split(about, value)
    if name in ("result", "report") and (outside := outside_of_here(value)):
        raise ValueError(
            f"{outside} is not below the working directory, and this file comes with a pull request: "
            f"use {declared.given_by_caller(setting)}"
        )
    return value


def _yaml_words(error: Exception) -> str:
    """PyYAML's message, without its name for the text."""
    words = getattr(error, "problem", None) or _one_line(error).partition(' in "<')[0]
    if words.startswith("found character '\\t'"):
        return "a tab: YAML is indented with spaces"
    return words


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
