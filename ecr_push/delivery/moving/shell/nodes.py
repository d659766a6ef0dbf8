"""The commands of a shell script, as `script.parse` makes them."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.shell.words import Part

Word = tuple[Part, ...]


@dataclass(frozen=True)
class Simple:
    """A command with its words. line, end: its first and last. target: the file that its output goes to."""

    words: tuple[Word, ...]
    line: int
    end: int
    text: str
    assignments: tuple[tuple[str, Word], ...] = ()
    target: Word = ()


@dataclass(frozen=True)
class Pipeline:
    commands: tuple[Node, ...]
    negated: bool
    line: int
    text: str


@dataclass(frozen=True)
class AndOr:
    """first, and what follows with its `&&` or `||`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    line: int
    text: str


@dataclass(frozen=True)
class If:
    """branches: the condition, its text, and what is done then. otherwise: the commands behind `else`."""

    branches: tuple[tuple[tuple[Node, ...], str, tuple[Node, ...]], ...]
    otherwise: tuple[Node, ...]
    line: int
    text: str


@dataclass(frozen=True)
class For:
    name: str
    words: tuple[Word, ...]
    body: tuple[Node, ...]
    line: int
    text: str


@dataclass(frozen=True)
class Group:
    """`{ …; }`, or `( … )`, which is a shell of its own."""

    body: tuple[Node, ...]
    subshell: bool
    line: int
    text: str


@dataclass(frozen=True)
class Opaque:
    """Commands that are not taken apart; why says which."""

    line: int
    text: str
    why: str


Node = Simple | Pipeline | AndOr | If | For | Group | Opaque
