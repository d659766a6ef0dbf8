"""A shell script -> what it does to images, in its order, without running it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.shell.expand import TooLongError, Variables
from ecr_push.delivery.moving.shell.nodes import For, Group, If, Node, Opaque
from ecr_push.delivery.moving.shell.operations import Operation, Other, Unread
from ecr_push.delivery.moving.shell.printed import printed_by
from ecr_push.delivery.moving.shell.reader import Reader
from ecr_push.delivery.moving.shell.script import parse
from ecr_push.delivery.moving.values import Value

Piece = Operation | Other | Unread


@dataclass(frozen=True)
class Statement:
    """A command at the top of a script, and what it consists of; what only prints is left out.

    is_compound: whether it is more than a list of commands, so that a part of it cannot stand alone.
    folder: in which it begins.
    """

    line: int
    end: int
    text: str
    pieces: tuple[Piece, ...] = ()
    is_compound: bool = False
    folder: str | None = ""

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(one for one in self.pieces if isinstance(one, Operation))


@dataclass(frozen=True)
class Script:
    """variables, folder: as they are at the end.

    written: what went to a file as a line `NAME=value`, by the variable that names the file and by NAME:
    ("GITHUB_OUTPUT", "tag").
    """

    statements: tuple[Statement, ...]
    variables: Mapping[str, Value]
    folder: str | None = ""
    written: Mapping[tuple[str, str], Value] = field(default_factory=dict)

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(one for statement in self.statements for one in statement.operations)

    @property
    def alone(self) -> frozenset[int]:
        """The commands, by their `id`, of which nothing else asks: not within an `if`, a pipe or `$(…)`."""
        simple = [one for one in self.statements if not one.is_compound and "|" not in one.text]
        return frozenset(
            id(piece)
            for one in simple
            for piece in one.pieces
            if f"$({piece.text}" not in one.text and f"`{piece.text}" not in one.text
        )

    @property
    def unread(self) -> tuple[Unread, ...]:
        pieces = (one for statement in self.statements for one in statement.pieces)
        return tuple(one for one in pieces if isinstance(one, Unread))


def read_script(
    text: str,
    *,
    line: int = 1,
    known: Mapping[str, Value] | None = None,
    folder: str | None = "",
    expression: Callable[[str], Value] | None = None,
    named: bool = False,
) -> Script:
    """Reads a script that begins in a line of its file.

    known:      what variables of the environment hold, by name.
    folder:     in which it runs.
    expression: what `${{ … }}` stands for.
    named:      whether its variables are there where its values are written, as in a later line of it.
    """
    variables = Variables(known or {}, printed_by, expression, named=named)
    written: dict[tuple[str, str], Value] = {}
    statements = []
    for node in parse(text):
        reader = Reader(variables, written, folder)
        try:
            reader.visit(node)
        except (RecursionError, TooLongError) as error:
            what = "its values are too long" if isinstance(error, TooLongError) else "it is nested too deeply"
            reader = Reader(variables, written, folder)
            reader.leave(Opaque(node.line, node.text, what))
        statements.append(_statement(reader, node, line - 1, folder))
        folder = reader.folder
    return Script(tuple(statements), variables.known, folder, written)


def _statement(reader: Reader, node: Node, shift: int, folder: str | None) -> Statement:
    begin, end = node.line + shift, node.line + node.text.count("\n") + shift
    pieces = tuple(replace(one, line=one.line + shift, end=one.end + shift) for one in reader.pieces)
    return Statement(begin, end, node.text, pieces, isinstance(node, (If, For, Group, Opaque)), folder)
