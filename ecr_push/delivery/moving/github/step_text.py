"""Steps as text: one of ours, one that becomes ours in its place, and inputs as YAML. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Members, Text
from ecr_push.base.yaml_text import write_yaml
from ecr_push.delivery.moving.github.words import ACTION
from ecr_push.delivery.moving.github.workflow import Step, texts

# What is plain YAML, expressions too: `${{ github.sha }}` begins with none of its signs.
_PLAIN = lazy_regex(r"[A-Za-z0-9_./$](?:[^\n:#]|:(?=\S)|(?<=\S)#)*(?<=\S)")
_NEEDS_QUOTES = lazy_regex(
    r"(?i:y|n|yes|no|on|off|null|~|0x[0-9a-f_]+|0o[0-7]+|\.inf|\.nan)|[0-9.][0-9_.eE+:-]*"
)


@dataclass(frozen=True)
class Input:
    """raw: its lines as they stand in the file, with their comments; "" for one that is written here."""

    name: str
    text: str = ""
    raw: str = ""
    comment: str = ""

    def lines(self, column: int) -> Iterator[str]:
        margin = " " * column
        if self.raw:
            yield from self.raw.splitlines()
            return
        end = f" # {self.comment}" if self.comment else ""
        if "\n" not in self.text:
            yield f"{margin}{self.name}: {scalar(self.text)}{end}"
            return
        yield f"{margin}{self.name}: |{end}"
        yield from (f"{margin}  {line}".rstrip() for line in self.text.strip("\n").split("\n"))


def scalar(text: str) -> str:
    """A text as a value of a mapping, without quotes where it needs none; to GitHub true is a word."""
    if _PLAIN.fullmatch(text) and not _NEEDS_QUOTES.fullmatch(text):
        return text
    return write_yaml({"x": text}).removeprefix("x: ").rstrip("\n")


def inputs_of(step: Step, text: str) -> list[Input]:
    """The inputs of a step, in their order, each with its lines and the comments above it."""
    given = step.inputs()
    found: list[Input] = []
    at = -1
    for name, node in given.pairs:
        value = node.value if isinstance(node, Text) else ""
        raw = ""
        if not given.flow:
            begin = text.rfind("\n", 0, name.begin) + 1
            end = _line_end(text, max((one.end for one in texts(node)), default=name.end))
            raw = text[at if at >= 0 else begin : end]
            at = end
        found.append(Input(name.value, value, raw))
    return found


def in_its_place(step: Step, text: str, inputs: Sequence[Input], *, identity: str) -> str:
    """The step with our action and these inputs; its name, its condition and its comments stay."""
    uses, given = step.node.get("uses"), step.node.get("with")
    if not isinstance(uses, Text) or not isinstance(given, Members) or not given.pairs or given.flow:
        name, condition = step.node.text("name"), step.node.text("if")
        return fresh_step(step, inputs, identity=identity, name=name, condition=condition)
    edits = [(uses.begin, _line_end(text, uses.end) - 1, ACTION)]
    first = given.pairs[0][0]
    begin = text.rfind("\n", 0, first.begin) + 1
    end = _line_end(text, max(one.end for one in texts(given)))
    column = first.begin - begin
    lines = [line for one in inputs for line in one.lines(column)]
    edits.append((begin, end, "\n".join(lines) + "\n"))
    found = text[step.begin : step.end]
    for begin, end, fresh in sorted(edits, reverse=True):
        found = found[: begin - step.begin] + fresh + found[end - step.begin :]
    return found if step.id else _with_id(found, step, identity)


def fresh_step(
    step: Step, inputs: Iterable[Input], *, identity: str, name: str = "", condition: str = ""
) -> str:
    """A step of ours, in the columns of another one, which it replaces."""
    dash, column = " " * step.dash, " " * step.column
    keys = [f"name: {scalar(name)}"] if name else []
    keys.append(f"uses: {ACTION}")
    keys.append(f"id: {identity}")
    if condition:
        keys.append(f"if: {scalar(condition)}")
    kept = ("timeout-minutes", "continue-on-error")
    keys += [f"{one}: {text}" for one in kept if (text := step.node.text(one))]
    keys.append("with:")
    lines = [f"{column}{key}" for key in keys]
    lines[0] = f"{dash}-{' ' * (step.column - step.dash - 1)}{keys[0]}"
    lines += [line for one in inputs for line in one.lines(step.column + 2)]
    return "\n".join(lines) + "\n"


def _with_id(found: str, step: Step, identity: str) -> str:
    """With an id behind the line of its action."""
    at = found.index(ACTION) + len(ACTION)
    return f"{found[:at]}\n{' ' * step.column}id: {identity}{found[at:]}"


def _line_end(text: str, end: int) -> int:
    """Behind the line's end, for what ends at a place; a block's text ends within the next line's margin."""
    at = text.find("\n", len(text[:end].rstrip()))
    return len(text) if at < 0 else at + 1
