"""A part of a script, and the step that runs it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.run_steps import RunStep
from ecr_push.delivery.moving.github.script_outputs import is_output
from ecr_push.delivery.moving.github.workflow import Step, texts
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.shell.read import Piece
from ecr_push.delivery.moving.shell.rest import without
from ecr_push.delivery.moving.shell_writer import quoted
from ecr_push.delivery.moving.values import FactKind, Value


@dataclass
class Part:
    """does: whether it is more than assignments and messages. outputs: those that others need.

    pieces: the commands that it consists of, if it does something.
    """

    text: str
    does: bool = False
    assignments: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    outputs: dict[str, Value] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, str]) -> str:
        """The script, and a line for each value that only a shell knows, as an output of its step."""
        asked = {name: Value.fact(FactKind.COMMAND, text=text) for text, name in values.items()}
        named = {**asked, **self.outputs}
        lines = [line for name, value in named.items() for line in _handed_on(name, value)]
        lines = [_END, *lines] if lines else []
        if self.does:
            return "\n".join([self.text.rstrip("\n"), *lines])
        needed = _needed(self.assignments, "\n".join(lines))
        return "\n".join([*needed, *(line for line in lines if line not in needed)])


def parts_around(run: RunStep, marks: Sequence[Operation], taken: Set[int]) -> list[Part]:
    """What is left of a script around some of its commands, in its order: one part more than there are marks.

    taken: the operations that go, by their `id`, the marks too. Raises MixedError where what goes cannot be
    divided from what stays.
    """
    marked = {id(one) for one in marks}
    texts: list[list[str]] = [[]]
    for one in without(run.text, run.script, taken, dict.fromkeys(marked, ((_HERE,),)), line=run.line):
        if isinstance(one, str):
            texts[-1].append(one)
        else:
            texts.append([])
    pieces: list[list[Piece]] = [[]]
    assignments: list[list[str]] = [[]]
    for statement in run.script.statements:
        # What is left of an `if` stands behind what was within.
        ordered = sorted(statement.pieces, key=lambda one: statement.is_compound and id(one) not in marked)
        for piece in ordered:
            if id(piece) in marked:
                pieces.append([])
                assignments.append([])
            elif id(piece) not in taken:
                pieces[-1].append(piece)
        if not statement.pieces and not statement.text.lstrip().startswith(("echo ", "printf ")):
            assignments[-1].append(statement.text)
    return [
        _part("\n".join(text), kept, before)
        for text, kept, before in zip(texts, pieces, assignments, strict=True)
    ]


_HERE = ":"  # stands where a mark was


def _part(text: str, pieces: Sequence[Piece], assignments: Sequence[str]) -> Part:
    """Outputs of the step are handed on otherwise, where nothing else is left."""
    does = not all(map(is_output, pieces))
    return Part(text, does, tuple(assignments), tuple(pieces) if does else ())


# What stands between delimiters is one output, whatever lines it has: with `NAME=VALUE` its second line could
# set another one. No file of the checkout can know the delimiter.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
_END = "OUTPUT_END=$(dd if=/dev/urandom bs=15 count=1 status=none | base64)"

# What the lines of outputs read themselves: an output may be called path.
_OF_THE_SHELL = frozenset({"PATH", "IFS", "HOME", "GITHUB_OUTPUT", "OUTPUT_END"})


def _handed_on(name: str, value: Value) -> list[str]:
    """A command's output goes into a variable first: within another command its failure would end nothing."""
    before, text = [], quoted(value)
    if any(fact.text.startswith(("$(", "`")) for fact in value.facts):
        variable = name.replace("-", "_").upper()
        variable += "_VALUE" if variable in _OF_THE_SHELL else ""
        before, text = [f"{variable}={value.only.text if value.only else text}"], f'"${variable}"'
    lines = f'"{name}<<$OUTPUT_END" {text} "$OUTPUT_END"'
    return [*before, f"printf '%s\\n' {lines} >> \"$GITHUB_OUTPUT\""]


def _needed(assignments: Sequence[str], text: str) -> list[str]:
    """Those whose variables the text reads, in their order."""
    found: list[str] = []
    for one in reversed(assignments):
        name = one.partition("=")[0].split()[-1:]
        if name and re.search(rf"\${{?{re.escape(name[0])}\b", text):
            found.insert(0, one)
            text += one
    return found


def with_script(
    step: Step, run: Text, text: str, script: str, *, identity: str, is_second: bool = False
) -> str:
    """The step with another script than run. identity: its id, or "". is_second: whether it is a copy."""
    begin = step.head if is_second else step.begin
    column = step.column + 2
    lines = script.splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    body = "".join(f"{' ' * column}{line}".rstrip() + "\n" for line in lines)
    end = len(text[: run.end].rstrip()) if run.style in ("|", ">") else run.end
    after = text[end : step.end].partition("\n")[2]
    head = text[begin : run.begin]
    key = next((name for name, node in step.node.pairs if name.value == "env"), None)
    if key is not None and begin <= key.begin < run.begin and not _uses_any(step, script):
        ends = max(one.end for one in texts(step.environment()))
        line = text.rfind("\n", 0, key.begin) + 1
        if step.node.pairs[0][0] is not key:
            head = text[begin:line] + text[text.find("\n", ends) + 1 : run.begin]
    return _with_id(f"{head}|\n{body}{after}", step, text, identity, begin)


def _uses_any(step: Step, script: str) -> bool:
    """Whether a script reads a variable of its step's own."""
    return any(re.search(rf"\${{?{re.escape(name.value)}\b", script) for name, _ in step.environment().pairs)


def _with_id(found: str, step: Step, text: str, identity: str, begin: int) -> str:
    node = step.node.get("id")
    if isinstance(node, Text):
        if identity == node.value:
            return found
        key = next(name for name, value in step.node.pairs if value is node)
        line_begin = text.rfind("\n", 0, key.begin) + 1 - begin
        line_end = text.find("\n", node.end) + 1 - begin
        is_first = step.node.pairs[0][0] is key
        if identity:
            return found[: node.begin - begin] + identity + found[node.end - begin :]
        if is_first:  # behind the dash: the next key takes its place
            following = step.node.pairs[1][0].begin - begin
            return found[: key.begin - begin] + found[following:]
        return found[:line_begin] + found[line_end:]
    if not identity:
        return found
    first = step.node.pairs[0][0]
    at = first.begin - begin
    return f"{found[:at]}id: {identity}\n{' ' * step.column}{found[at:]}"
