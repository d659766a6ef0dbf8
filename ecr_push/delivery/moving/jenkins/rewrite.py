"""The changes of a Jenkinsfile: what ecrPush replaces goes, and the blocks that are empty then."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.edit import Edit
from ecr_push.delivery.moving.jenkins.read import Step
from ecr_push.delivery.moving.jenkins.tree import Group, Statement
from ecr_push.delivery.moving.model import NotMovedError
from ecr_push.delivery.moving.shell.operations import Other
from ecr_push.delivery.moving.shell.read import read_script
from ecr_push.delivery.moving.shell.rest import MixedError, Run, mixed, without

# Blocks that are nothing without their steps. Of the others one stays, as declarative pipelines need it.
_REGISTRIES = frozenset({"docker", "withDockerRegistry"})  # of which ecrPush is given the credentials
_REMOVABLE = _REGISTRIES | {"script", "withCredentials", "withAWS", "withEnv", "dir", "timeout", "retry",
                            "if", "sshagent", "ansiColor", "timestamps", "wrap", "catchError"}  # fmt: skip
_INSTEAD = "echo 'ecrPush does this'"


@dataclass(frozen=True)
class _Outcome:
    """texts: what stands in place of the statement, which goes; None where it stays, with the edits."""

    texts: tuple[str, ...] | None
    edits: tuple[Edit, ...] = ()

    @property
    def is_gone(self) -> bool:
        return self.texts == ()


_KEPT = _Outcome(None)


class Rewriter:
    def __init__(
        self,
        text: str,
        steps: Iterable[Step],
        taken: Container[int],
        inserted: Mapping[int, Sequence[str]],
    ) -> None:
        self._text = text
        self._steps = {id(step.statement): step for step in steps}
        self._taken = taken
        self._inserted = inserted

    def edits(self, statements: Sequence[Statement]) -> Iterator[Edit]:
        for one in statements:
            outcome = self._outcome(one)
            yield from self._edits_of(one, outcome)

    def _edits_of(self, statement: Statement, outcome: _Outcome) -> Iterator[Edit]:
        if outcome.texts is None:
            yield from outcome.edits
        elif outcome.texts:
            indent = self._indent(statement.begin)
            text = "\n".join(outcome.texts).replace("\n", f"\n{indent}")
            yield Edit(statement.begin, statement.end, text, statement.line)
        else:
            yield self._removal(statement.begin, statement.end, statement.line)

    def _outcome(self, statement: Statement) -> _Outcome:
        step = self._steps.get(id(statement))
        blocks = list(_blocks(statement))
        if step and step.script:
            return self._shell(step)
        if step and not blocks:
            return self._call_of_docker(step)
        if not blocks:
            return _KEPT
        if step and not self._goes(step):  # the image of `inside` is there still
            return _Outcome(None, tuple(self._inner(blocks, instead=False)))
        inner = [self._outcome(one) for block in blocks for one in block.statements]
        name = statement.word(0)
        if inner and all(one.is_gone for one in inner) and name in _REMOVABLE:
            return _Outcome(())
        if inner and name in _REGISTRIES and all(one.texts is not None for one in inner):
            return _Outcome(tuple(text for one in inner for text in one.texts or ()))
        return _Outcome(None, tuple(self._inner(blocks, instead=name != "if")))

    def _inner(self, blocks: Sequence[Group], *, instead: bool) -> Iterator[Edit]:
        for block in blocks:
            statements = block.statements
            outcomes = [self._outcome(one) for one in statements]
            if instead and outcomes and all(one.is_gone for one in outcomes):
                outcomes[0] = _Outcome((_INSTEAD,))
            for one, outcome in zip(statements, outcomes, strict=True):
                yield from self._edits_of(one, outcome)

    def _goes(self, step: Step) -> bool:
        return all(id(one) in self._taken for one in step.operations)

    def _call_of_docker(self, step: Step) -> _Outcome:
        if not any(id(one) in self._taken for one in step.operations):
            return _KEPT
        if not self._goes(step):
            line = step.statement.line
            raise NotMovedError(f"line {line}: what ecrPush replaces is in one statement with what stays")
        return _Outcome(tuple(self._calls(step)))

    def _calls(self, step: Step) -> Iterator[str]:
        for one in step.operations:
            yield from self._inserted.get(id(one), ())

    def _shell(self, step: Step) -> _Outcome:
        script, token = step.script, step.token
        if script is None or token is None or not any(id(one) in self._taken for one in step.operations):
            return _KEPT
        inserted = {
            id(one): [[call] for call in self._inserted[id(one)]]
            for one in step.operations
            if id(one) in self._inserted
        }
        try:
            parts = without(step.text, script, self._taken, inserted, line=token.line)
        except MixedError as error:
            raise NotMovedError(str(error) or mixed(token.line)) from None
        useful = [one for one in parts if isinstance(one, Run) or _does_something(one)]
        if len(useful) == 1 and isinstance(useful[0], str):
            indent = self._indent(step.statement.begin)
            fresh = literal(useful[0]).replace("\n", f"\n{indent}")
            edit = Edit(token.begin, token.end, fresh, token.line)
            return _Outcome(None, (edit,))
        return _Outcome(tuple(self._steps_of(useful, step)))

    @staticmethod
    def _steps_of(parts: Sequence[str | Run], step: Step) -> Iterator[str]:
        """Each `sh` is a shell of its own: what the first one set is set again in those after it."""
        statements = step.script.statements if step.script else ()
        said = ("echo ", "printf ")
        sets = [one.text for one in statements if not one.pieces and not one.text.startswith(said)]
        is_later = False
        for one in parts:
            if isinstance(one, Run):
                yield one.lines[0]
                is_later = True
            else:
                script = "\n".join([*sets, one]) if is_later else one
                yield f"sh {literal(script)}"

    def _indent(self, at: int) -> str:
        line = self._text[self._text.rfind("\n", 0, at) + 1 : at]
        return line[: len(line) - len(line.lstrip())]

    def _removal(self, begin: int, end: int, line: int) -> Edit:
        """With its lines, where nothing else is on them."""
        first = self._text.rfind("\n", 0, begin) + 1
        last = self._text.find("\n", end)
        last = len(self._text) if last < 0 else last + 1
        alone = not self._text[first:begin].strip() and not self._text[end:last].strip(" \t\n;")
        return Edit(first, last, "", line) if alone else Edit(begin, end, "", line)


def _blocks(statement: Statement) -> Iterator[Group]:
    for one in statement.items:
        if isinstance(one, Group) and one.opening == "{":
            yield one
        elif isinstance(one, Group) and one.opening == "(":
            yield from (inner for inner in one.items if isinstance(inner, Group) and inner.opening == "{")


def _does_something(script: str) -> bool:
    pieces = [piece for one in read_script(script).statements for piece in one.pieces]
    return any(not (isinstance(one, Other) and one.moves) for one in pieces)


def literal(script: str) -> str:
    """A script with `${{ … }}` for what Groovy puts in -> a string of Groovy."""
    from ecr_push.delivery.moving.shell.words import Expression, word

    lines = [line.strip() for line in script.strip().split("\n")] if "<<" not in script else [script]
    text = "\n".join(lines)
    interpolates = "${{ " in text
    quote = ('"' if interpolates else "'") * (3 if len(lines) > 1 or "\n" in text else 1)
    escaped = ""
    at = 0
    if interpolates:
        for part in word(text):
            if isinstance(part, Expression):
                place = text.index(part.text, at)
                escaped += _escaped(text[at:place], quote) + f"${{{part.expression}}}"
                at = place + len(part.text)
    escaped += _escaped(text[at:], quote)
    if len(quote) == 3:
        body = escaped.replace("\n", "\n    ")
        return f"{quote}\n    {body}\n{quote}"
    return f"{quote}{escaped}{quote}"


def _escaped(text: str, quote: str) -> str:
    text = text.replace("\\", "\\\\")
    if quote[0] == '"':
        text = text.replace("$", "\\$")
    return (
        text.replace(quote, "\\" + "\\".join(quote)) if len(quote) == 3 else text.replace(quote, f"\\{quote}")
    )
