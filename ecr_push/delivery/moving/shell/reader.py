"""Goes through the commands of a script as a shell would, and notes what they do to images."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.shell import conditions
from ecr_push.delivery.moving.shell.commands import engine_command, recognised
from ecr_push.delivery.moving.shell.expand import Variables
from ecr_push.delivery.moving.shell.nodes import AndOr, For, Group, If, Node, Opaque, Pipeline, Simple, Word
from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation, Other, Unread
from ecr_push.delivery.moving.shell.printed import words_of
from ecr_push.delivery.moving.shell.script import assignment, parse
from ecr_push.delivery.moving.shell.words import Substitution
from ecr_push.delivery.moving.values import Value

# What a text may do to an image that is not taken apart.
MENTIONS = lazy_regex(
    r"\b(?:docker|podman|buildah|nerdctl|kaniko|buildctl|crane|skopeo|kubectl|helm|cosign)\b"
    r"|\baws\s+(?:ecr|ecr-public|ecs|lambda)\b"
)
_ASSIGNED = lazy_regex(r"(?<![\w$-])([A-Za-z_]\w*)\+?=")
_HARMLESS_TEXT = """
info version images ps inspect ls history context network volume exec logs stop rm kill start wait cp
stats top events search port up down create
"""
_HARMLESS = frozenset(_HARMLESS_TEXT.split())
_SAYS = frozenset({"echo", "printf", "true", ":", "sleep", "set", "exit", "date", "pwd", "ls", "env", "false",
                   "return", "break", "continue"})  # fmt: skip
# What sets a machine up, or handles files: a word of theirs may be docker's name.
_AROUND = frozenset({
    "apt-get", "apt", "apk", "yum", "dnf", "pip", "pip3", "curl", "wget", "usermod", "groupadd", "systemctl",
    "service", "chmod", "chown", "which", "mkdir", "rm", "cp", "mv", "ls", "cat", "grep", "sed", "touch",
})  # fmt: skip
_DECLARES = frozenset({"export", "readonly", "declare", "local", "typeset"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
DEFINITIONS = frozenset({"imagedefinitions.json", "imageDetail.json"})  # CodePipeline's
NOT_KNOWN = "what it does to an image is not known: write its commands here, or call ecr-push there"
_MOST_TURNS, _MOST_LEVELS = 50, 8


class Reader:
    """Goes through one statement at the top of a script.

    variables: what they hold, before and after. written: see Script. folder: in which the statement begins.
    """

    def __init__(
        self, variables: Variables, written: dict[tuple[str, str], Value], folder: str | None, level: int = 0
    ) -> None:
        self.variables = variables
        self.written = written
        self.folder = folder
        self.pieces: list[Operation | Other | Unread] = []
        self._level = level
        self._conditions: tuple[Condition, ...] = ()
        self._pipeline: Node | None = None
        self._turns = 1  # of the loops around it, multiplied
        self._depth = 0  # of commands around the one that is visited

    def visit(self, node: Node) -> None:
        self._depth += not isinstance(node, Simple)
        self._visit(node)
        self._depth -= not isinstance(node, Simple)

    def _visit(self, node: Node) -> None:
        if isinstance(node, Simple):
            self._simple(node)
        elif isinstance(node, Pipeline):
            outer, self._pipeline = self._pipeline, self._pipeline or node
            self._apart(node.commands)
            self._pipeline = outer
        elif isinstance(node, AndOr):
            self._list(node)
        elif isinstance(node, If):
            self._if(node)
        elif isinstance(node, For):
            self._for(node)
        elif isinstance(node, Group):
            if node.subshell:
                self._apart(node.body)
            else:
                self._all(node.body)
        else:
            self.leave(node)

    def _all(self, nodes: Sequence[Node]) -> None:
        for one in nodes:
            self.visit(one)

    def _apart(self, nodes: Sequence[Node]) -> None:
        """In a shell of their own: what they set is gone afterwards."""
        variables, folder = self.variables, self.folder
        self.variables = variables.copy()
        self._all(nodes)
        self.variables, self.folder = variables, folder

    def _under(self, added: Sequence[Condition], nodes: Sequence[Node]) -> None:
        before = self._conditions
        self._conditions = (*before, *added)
        self._all(nodes)
        self._conditions = before

    def _list(self, node: AndOr) -> None:
        self.visit(node.first)
        before = node.first
        holding: list[Condition] = []
        for operator, one in node.rest:
            if conditions.is_test(before) or operator == "||":
                holding = [conditions.condition_of(before, self.variables, holds=operator == "&&")]
            after = self.variables.copy() if holding else self.variables
            self.variables, outer = after, self.variables
            self._under(holding, (one,))
            self.variables = outer
            if holding and after is not outer:
                self._forget_changed(outer, after)
            before = one

    def _if(self, node: If) -> None:
        failed: list[Condition] = []
        outer = self.variables
        ends: list[Variables] = []
        for condition, text, body in node.branches:
            self._all(condition)
            holds = conditions.all_of(condition, text, outer)
            if conditions.is_gate(condition, body, outer):
                self._add(Does.GATE, node, "sh")
            self.variables = outer.copy()
            self._under((*failed, holds), body)
            ends.append(self.variables)
            self.variables = outer
            failed.append(replace(holds, holds=not holds.holds, text=conditions.negated(holds.text)))
        self.variables = outer.copy()
        self._under(failed, node.otherwise)
        ends.append(self.variables)
        self.variables = outer
        for one in ends:
            self._forget_changed(outer, one)

    def _forget_changed(self, outer: Variables, inner: Variables) -> None:
        for name, value in inner.known.items():
            if outer.known.get(name) != value:
                outer.forget(name, is_there=self._depth == 1)

    def _for(self, node: For) -> None:
        turns = [value for word in node.words for value in self.variables.fields(word)]
        is_list = all(conditions.is_one_word(value) for value in turns)
        if not is_list:
            self.leave(Opaque(node.line, node.text, "the list that `for` goes through is not in the file"))
            return
        if self._turns * len(turns) > _MOST_TURNS:
            self.leave(Opaque(node.line, node.text, f"it goes round more than {_MOST_TURNS} times"))
            return
        self.variables.goes(node.name)
        outer, self._turns = self._turns, self._turns * max(1, len(turns))
        for value in turns:
            self.variables.set(node.name, value)
            self._all(node.body)
        self._turns = outer

    def leave(self, node: Opaque) -> None:
        """Leaves a command as it is: what it sets is not known from here on."""
        for name in _ASSIGNED.findall(node.text):
            self.variables.forget(name, is_there=self._depth == 1)
        if MENTIONS.search(node.text):
            self._unread(node, node.why)
        else:
            self.pieces.append(Other(*self._range(node), node.text))

    def _simple(self, node: Simple) -> None:
        for one in (*node.words, *(value for _, value in node.assignments)):
            self._substituted(one, node)
        if not node.words:
            for variable, value in node.assignments:
                self.variables.set(variable, self.variables.expand(value))
            return
        words = words_of(node, self.variables)
        name = words[0].text or "" if words else ""
        if name in _DECLARES:
            self._declare(node.words[1:])
        elif name in ("cd", "pushd") and len(words) > 1:
            self._go_to(words[-1].text)
            self.pieces.append(Other(*self._range(node), node.text, moves=True))
        elif name == "popd":
            self.folder = None
            self.pieces.append(Other(*self._range(node), node.text, moves=True))
        elif name == "unset":
            for word in words[1:]:
                self.variables.set(word.text or "", Value())
        elif name in _SHELLS and len(words) > 2 and words[1].source in ("-c", "-ec", "-lc", "-exc"):
            self._script(words[2], node)
        elif name in ("echo", "printf") and node.target:
            self._written(name, words[1:], node)
        elif found := recognised(words):
            self._add(found.does, node, found.program, found.options, found.arguments, found.strange)
        elif not conditions.is_test(node) and name not in _SAYS:
            self._other(name, words, node)

    def _go_to(self, target: str | None) -> None:
        if target is None or self.folder is None or target.startswith(("/", "~")):
            self.folder = None
        else:
            self.folder = posixpath.normpath(posixpath.join(self.folder, target))

    def _other(self, name: str, words: Sequence[Value], node: Simple) -> None:
        if self.pieces and isinstance(node.words[0][0], Substitution):  # `$(aws ecr get-login)`
            return
        program = name.rpartition("/")[2]
        harmless = program in ("docker", "podman", "buildah", "nerdctl", "docker-compose", "aws", "kubectl",
                               "helm", "crane", "skopeo", "cosign")  # fmt: skip
        if program in ("docker", "podman", "buildah", "nerdctl"):
            texts = {word.text for word in engine_command(words[1:])[:2]}
            harmless = bool(texts & _HARMLESS) or not texts
        if MENTIONS.search(node.text) and not harmless and not _AROUND & {word.text for word in words[:2]}:
            self._unread(node, NOT_KNOWN)
        elif name != "eval" or not self.pieces:
            self.pieces.append(Other(*self._range(node), node.text))

    def _substituted(self, word: Word, node: Simple) -> None:
        """What the commands within `$(…)` do besides printing."""
        for one in word:
            if isinstance(one, Substitution) and one.script and MENTIONS.search(one.script):
                self._nested(one.script, node)

    def _script(self, script: Value, node: Simple) -> None:
        if script.text is None:
            if MENTIONS.search(node.text):
                self._unread(node, "a script with variables of another one")
        else:
            self._nested(script.text, node)

    def _nested(self, script: str, node: Simple) -> None:
        if self._level >= _MOST_LEVELS:
            self._unread(node, "it is nested too deeply")
            return
        inner = Reader(self.variables.copy(), self.written, self.folder, self._level + 1)
        inner._conditions, inner._turns = self._conditions, self._turns
        inner._all(parse(script))
        line, end = self._range(node)
        self.pieces += [replace(one, line=line, end=end) for one in inner.pieces if not _only_prints(one)]

    def _declare(self, words: Sequence[Word]) -> None:
        for word in words:
            if assigned := assignment(word):
                self.variables.set(assigned[0], self.variables.expand(assigned[1]))

    def _written(self, name: str, words: Sequence[Value], node: Simple) -> None:
        """`echo "NAME=value" >> "$GITHUB_OUTPUT"`, and `echo 'export NAME=value' >> "$BASH_ENV"`."""
        target = self.variables.expand(node.target)
        if (target.text or "").rpartition("/")[2] in DEFINITIONS:
            self._add(Does.DEFINE, node, name, (("file", target),), tuple(words))
            return
        self.pieces.append(Other(*self._range(node), node.text))
        only = target.only
        texts = [one for one in words if one.text not in ("-e", "-n")]
        line = texts[0] if len(texts) == 1 else Value()
        divided = line.partition("=")
        if only is None or not divided or divided[0].text is None:
            return
        variable = divided[0].text.removeprefix("export ").strip()
        if not variable.isidentifier():
            return
        value = divided[1]
        if value.text is not None and variable != divided[0].text:  # read by a shell later
            nodes = parse(f"{variable}={value.text}")
            if len(nodes) == 1 and isinstance(nodes[0], Simple) and nodes[0].assignments:
                value = self.variables.expand(nodes[0].assignments[0][1])
        self.written[(only.detail, variable)] = value

    def _range(self, node: Node) -> tuple[int, int]:
        """The lines of a command, or of the pipeline that it is in."""
        whole = self._pipeline or node
        return whole.line, whole.line + whole.text.count("\n")

    def _unread(self, node: Node, why: str) -> None:
        self.pieces.append(Unread(*self._range(node), node.text, why))

    def _add(
        self,
        does: Does,
        node: Node,
        program: str,
        options: tuple[tuple[str, Value], ...] = (),
        arguments: tuple[Value, ...] = (),
        strange: tuple[str, ...] = (),
    ) -> None:
        lines = self._range(node)
        self.pieces.append(
            Operation(
                does, *lines, node.text, program, options, arguments, self._conditions, strange, self.folder
            )
        )


def _only_prints(one: Operation | Other | Unread) -> bool:
    """Of a command within `$(…)`: whether its output is all that it is for."""
    return isinstance(one, Other) or (isinstance(one, Operation) and one.does is Does.LOOK)
