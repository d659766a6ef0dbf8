"""The statements of a Jenkinsfile -> what they do to images, in their order."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.ci_variables import known_variables
from ecr_push.delivery.moving.jenkins.conditions import condition_of, when_condition
from ecr_push.delivery.moving.jenkins.docker_calls import Around, DockerCalls
from ecr_push.delivery.moving.jenkins.evaluate import Scope
from ecr_push.delivery.moving.jenkins.groovy import Token
from ecr_push.delivery.moving.jenkins.tree import Group, Item, Statement, arguments, divided
from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation, Unread
from ecr_push.delivery.moving.shell.read import Script, read_script
from ecr_push.delivery.moving.shell.reader import MENTIONS, NOT_KNOWN

# What says nothing of steps.
_SAYS_NOTHING = frozenset({"agent", "options", "tools", "triggers", "parameters", "when", "echo", "library",
                           "input", "properties", "import", "error", "println"})  # fmt: skip
_LOOPS = frozenset({"for", "while"})
_OTHER_SHELLS = frozenset({"bat", "powershell", "pwsh"})


@dataclass(frozen=True, eq=False)
class Step:
    """A statement that does something. script, token: of a step `sh`, and the string that holds it."""

    statement: Statement
    operations: tuple[Operation, ...]
    around: Around
    script: Script | None = None
    token: Token | None = None
    text: str = ""
    unread: tuple[Unread, ...] = ()


class Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.scope = Scope(text, known_variables("jenkins"))
        self.steps: list[Step] = []
        self._calls = DockerCalls(text, self.scope)

    def visit_all(self, statements: Sequence[Statement], around: Around) -> None:
        for one in statements:
            self.visit(one, around)

    def visit(self, statement: Statement, around: Around) -> None:
        items = statement.items
        equals = next(
            (n for n, one in enumerate(items) if isinstance(one, Token) and one.is_operator("=")), 0
        )
        name = statement.word(0)
        if equals:
            self._assignment(statement, items[:equals], items[equals + 1 :], around)
        elif name == "sh":
            self._shell(statement, around)
        elif name == "if":
            self._if(statement, around)
        elif (
            name in _LOOPS
            or name in _OTHER_SHELLS
            or self._is_function(statement)
            or ".each" in self._head(items)
        ):
            self._unread(statement, "Groovy's loops and functions are not followed")
        elif name in ("docker", "withDockerRegistry") or name in self._calls:
            self._docker(statement, items, around)
        elif name == "environment":
            self._environment(statement)
        elif name not in _SAYS_NOTHING:
            self._block(statement, name, around)

    def _head(self, items: Sequence[Item]) -> str:
        """The text up to the first block."""
        block = next(
            (one.begin for one in items if isinstance(one, Group) and one.opening == "{"), items[-1].end
        )
        return self._text[items[0].begin : block]

    @staticmethod
    def _is_function(statement: Statement) -> bool:
        shape = [one.opening for one in statement.items if isinstance(one, Group)]
        return bool(statement.word(0) and statement.word(1)) and shape == ["(", "{"]

    def _block(self, statement: Statement, name: str, around: Around) -> None:
        groups = [one for one in statement.items if isinstance(one, Group)]
        given = next((one for one in groups if one.opening == "("), None)
        if name == "dir" and given:
            folder = self.scope.value(given.items).text
            around = replace(around, folder=posixpath.normpath(posixpath.join(around.folder, folder or "?")))
        elif name in ("withAWS", "withCredentials"):
            around = replace(around, within=around.within | {statement.begin})
        elif name in ("container", "node"):
            around = replace(around, machine=statement.begin)
        elif name == "withEnv" and given:
            self._with_env(given)
        blocks = [one for group in groups for one in _closures(group)]
        if not blocks and MENTIONS.search(self._text[statement.begin : statement.end]):
            self._unread(statement, NOT_KNOWN)
        for one in blocks:
            inner = around
            if name == "stage" and (condition := when_condition(one, self._text)):
                inner = replace(around, conditions=(*around.conditions, condition))
            if name == "stage" and any(each.word(0) == "agent" for each in one.statements):
                inner = replace(inner, machine=statement.begin)
            self.visit_all(one.statements, inner)

    def _with_env(self, given: Group) -> None:
        for one in given.items:
            if isinstance(one, Group):
                for _, items in arguments(one):
                    divided_ = self.scope.value(items).partition("=")
                    if divided_ and divided_[0].text:
                        self.scope.set_environment(divided_[0].text, divided_[1])

    def _environment(self, statement: Statement) -> None:
        block = statement.block()
        for one in block.statements if block else ():
            name = one.word(0)
            if len(one.items) > 2 and name:
                self.scope.set_environment(name, self.scope.value(one.items[2:]))

    def _assignment(
        self, statement: Statement, left: Sequence[Item], right: Sequence[Item], around: Around
    ) -> None:
        """`def x = …`, `x = …`, `env.X = …`."""
        name = getattr(left[-1], "text", "") if left else ""
        first = getattr(right[0], "text", "") if right else ""
        if first == "docker" or first in self._calls:
            self._docker(statement, right, around, name)
            return
        if any(isinstance(one, Group) and one.opening == "{" for one in right):
            self._unread(statement, "Groovy's loops and functions are not followed")
            return
        source = self._text[right[0].begin : right[-1].end] if right else ""
        if MENTIONS.search(source) and "registry" not in source.lower():
            self._unread(statement, NOT_KNOWN)
        value = self.scope.value(right)
        if len(left) > 1 and getattr(left[0], "text", "") == "env":
            self.scope.set_environment(name, value)
        else:
            self.scope.set_name(name, value)

    def _if(self, statement: Statement, around: Around) -> None:
        items = statement.items
        failed: list[Condition] = []
        at = 0
        while at < len(items):
            one = items[at]
            word = getattr(one, "text", "")
            if word == "if" and at + 1 < len(items) and isinstance(items[at + 1], Group):
                group = items[at + 1]
                holds = condition_of(self._text[group.begin + 1 : group.end - 1], self.scope)
                at += 2
            elif word == "else":
                holds = None
                at += 1
                if getattr(items[at] if at < len(items) else None, "text", "") == "if":
                    continue
            else:
                at += 1
                continue
            body = items[at] if at < len(items) else None
            conditions = (*around.conditions, *failed, *([holds] if holds else []))
            inner = replace(around, conditions=conditions)
            if isinstance(body, Group) and body.opening == "{":
                self.visit_all(body.statements, inner)
                at += 1
            else:
                for single in divided(items[at:]):
                    self.visit(single, inner)
                return
            if holds:
                failed.append(condition_of(f"!({holds.text[3:-2].strip()})", self.scope))

    def _shell(self, statement: Statement, around: Around) -> None:
        token = _script_token(statement)
        if token is None:
            if "ecrLogin" in self._text[statement.begin : statement.end]:
                login = self._calls.operation(Does.LOGIN, statement, around, program="aws")
                self.steps.append(Step(statement, (login,), around))
            elif MENTIONS.search(self._text[statement.begin : statement.end]):
                self._unread(statement, "the script is not a text that stands there")
            return
        text = self.scope.script(token)
        script = read_script(
            text,
            line=token.line,
            known=self.scope.environment,
            folder=around.folder,
            expression=self.scope.text_value,
        )
        operations = tuple(
            replace(
                one,
                conditions=(*around.conditions, *one.conditions),
                options=(*one.options, *(around.credentials if one.does is Does.PUSH else ())),
            )
            for one in script.operations
        )
        # The same objects as those of the script, so that they can be taken out of it.
        by_place = dict(zip(map(id, script.operations), operations, strict=True))
        script = replace(
            script,
            statements=tuple(
                replace(one, pieces=tuple(by_place.get(id(piece), piece) for piece in one.pieces))
                for one in script.statements
            ),
        )
        if operations or script.unread:
            self.steps.append(Step(statement, operations, around, script, token, text, script.unread))

    def _docker(
        self, statement: Statement, items: Sequence[Item], around: Around, variable: str = ""
    ) -> None:
        if found := self._calls.registry(statement, around):
            login, inner, block = found
            self.steps.append(Step(statement, (login,), around))
            self.visit_all(block.statements if block else (), inner)
            return
        called = self._calls.read(statement, items, around, variable)
        for block in called.blocks:
            self.visit_all(block.statements, around)
        if called.unknown:
            self._unread(statement, f"docker.{called.unknown} is not known")
        if called.operations:
            self.steps.append(Step(statement, called.operations, around))

    def _unread(self, statement: Statement, why: str) -> None:
        text = self._text[statement.begin : statement.end]
        if MENTIONS.search(text):
            end = statement.line + text.count("\n")
            unread = Unread(statement.line, end, _first_line(text), why)
            self.steps.append(Step(statement, (), Around(), unread=(unread,)))


def _first_line(text: str) -> str:
    return text.split("\n")[0]


def _script_token(statement: Statement) -> Token | None:
    """The string of `sh '…'`, `sh('…')` and `sh(script: '…')`."""
    rest = statement.items[1:]
    group = (
        rest[0] if len(rest) == 1 and isinstance(rest[0], Group) else Statement(tuple(rest)) if rest else None
    )
    if group is None:
        return None
    given = dict(reversed(arguments(group)))
    found = given.get("script") or given.get("") or ()
    only = found[0] if len(found) == 1 else None
    return only if isinstance(only, Token) and only.kind == "string" else None


def _closures(group: Group) -> list[Group]:
    """The blocks of a step: its own, or those among its arguments, as `parallel(a: {…})` has them."""
    if group.opening == "{":
        return [group]
    return [one for one in group.items if isinstance(one, Group) and one.opening == "{"]
