"""Commands in lists of a YAML file: their scripts, their lines, and the list without some. Pure."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_spans import Items, Members, Text
from ecr_push.delivery.moving.line_edits import LineEdits
from ecr_push.delivery.moving.model import NotMovedError
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.shell.read import Script, read_script
from ecr_push.delivery.moving.shell.rest import Inserted, MixedError, Run, mixed, without
from ecr_push.delivery.moving.values import Value

_NEEDS_QUOTES = tuple("'\"[]{}&*!|>%@`?-,#:")


@dataclass(frozen=True, eq=False)
class Command:
    """One item of a list. first, last: its lines. begin: the line of its script's first. style: see Text."""

    text: str
    script: Script
    first: int
    last: int
    begin: int
    style: str

    def has(self, operation: Operation) -> bool:
        return any(one is operation for one in self.script.operations)

    def folder_at(self, operation: Operation) -> str | None:
        """In which a command runs that is put in the place of the operation."""
        for one in self.script.statements:
            if any(operation is piece for piece in one.pieces):
                return one.folder if one.is_compound else operation.folder
        raise AssertionError("an operation of another command")


def read_commands(
    items: object, file: str, known: Mapping[str, Value], folder: str | None
) -> Iterator[Command]:
    """The commands of a list, whose variables and folder go from each to the next.

    file: the text of the file. Raises NotMovedError for a list that is not written with a line for each.
    """
    if not isinstance(items, Items):
        return
    for node in items.nodes:
        if not isinstance(node, Text):
            continue
        begin = node.line + 1 if node.style in ("|", ">") else node.line
        script = read_script(node.value, line=begin, known=known, folder=folder, named=True)
        last = last_line(node, file)
        if script.operations and items.flow:
            raise NotMovedError(f"line {node.line}: write each of these commands on a line of its own")
        if script.operations and not _begins_line(file, node):
            raise NotMovedError(f"line {node.line}: the command and its `-` stand on different lines")
        yield Command(node.value, script, node.line, last, begin, node.style)
        known, folder = script.variables, script.folder


def last_line(node: Any, file: str) -> int:
    """The last line of a node, whose text may have lines that are left out behind it."""
    if isinstance(node, Text):
        return file.count("\n", 0, node.begin + len(file[node.begin : node.end].rstrip())) + 1
    inner = node.nodes if isinstance(node, Items) else [one for pair in node.pairs for one in pair]
    return max((last_line(one, file) for one in inner), default=node.line)


def _begins_line(file: str, node: Text) -> bool:
    line = file[file.rfind("\n", 0, node.begin) + 1 : node.begin]
    return line.strip().startswith("- ") or line.strip() == "-"


def rewrite(commands: Iterable[Command], taken: Container[int], inserted: Inserted, edits: LineEdits) -> None:
    """Takes operations out of the commands, by their `id`, and puts runs in the place of some.

    Raises NotMovedError where what goes cannot be separated from what stays.
    """
    for one in commands:
        if not any(id(operation) in taken for operation in one.script.operations):
            continue
        parts = parts_without(one, taken, inserted)
        indent = edits.indent(one.first)
        edits.remove(one.first, one.last)
        if one.style == "|" and len(parts) > 1 and any(isinstance(part, str) for part in parts):
            edits.insert(one.first, item_lines(script_of(parts), indent))
        else:
            for part in parts:
                edits.insert(one.first, _item(part, indent))


def fill_empty(job: Members, names: Container[str], edits: LineEdits) -> None:
    """Puts a command that does nothing into lists of which nothing is left: an empty one is an error."""
    for name, items in job.pairs:
        if name.value not in names or not isinstance(items, Items) or not items.nodes or items.flow:
            continue
        first, last = name.line + 1, last_line(items, edits.original)
        lines = [edits[number].strip() for number in range(first, last + 1) if not edits.is_removed(number)]
        is_left = any(line and not line.startswith("#") for line in lines)
        if not is_left and not edits.has_inserted(first, last):
            edits.insert(last + 1, [f"{edits.indent(items.nodes[0].line)}- 'true'"])


def parts_without(one: Command, taken: Container[int], inserted: Inserted) -> list[str | Run]:
    """Raises NotMovedError where what goes cannot be separated from what stays."""
    try:
        return without(one.text, one.script, taken, inserted, line=one.begin)
    except MixedError as error:
        raise NotMovedError(str(error) or mixed(one.first)) from None


def script_of(parts: Iterable[str | Run]) -> str:
    """The parts as one script, which ends where a run fails."""
    return "\n".join(
        " \\\n  ".join((*one.lines, "|| exit $?")) if isinstance(one, Run) else one for one in parts
    )


def _item(part: str | Run, indent: str) -> list[str]:
    if isinstance(part, str):
        return item_lines(part, indent)
    return [f"{indent}- >-", *(f"{indent}  {line}" for line in part.lines)]


def item_lines(command: str, indent: str) -> list[str]:
    """A command as an item of a list, on one line where it has one."""
    lines = command.strip("\n").split("\n")
    if len(lines) > 1:
        return [f"{indent}- |", *(f"{indent}  {line}".rstrip() for line in lines)]
    return [f"{indent}- {scalar(lines[0])}"]


def scalar(text: str) -> str:
    """A text as YAML: without quotes where it means the same."""
    plain = text.strip() == text and text and not text.startswith(_NEEDS_QUOTES)
    if plain and ": " not in text and " #" not in text and not text.endswith(":"):
        return text
    if "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
