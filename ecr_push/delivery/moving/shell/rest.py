"""A script without the commands that ecr-push replaces, and with others in their place.

All else stays as it is, comments too.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.shell.read import Piece, Script, Statement

# What stands in place of an operation, by its `id`: a command in lines.
Inserted = Mapping[int, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Run:
    """A command that was inserted, in lines, without what continues them."""

    lines: tuple[str, ...]


class MixedError(ValueError):
    """What goes cannot be separated from what stays: they are on one line, or as the message says."""


def mixed(line: int) -> str:
    """What to say of a line with both."""
    return (
        f"line {line}: what ecr-push replaces is on one line with other commands: write each of them on a "
        "line of its own"
    )


def without(
    text: str, script: Script, taken: Container[int], inserted: Inserted, *, line: int = 1
) -> list[str | Run]:
    """The script's text, in parts, around what is inserted; no part where nothing is left to do.

    taken: the operations that go, by their `id`. line: of the file, where the text begins.
    Raises MixedError where what goes cannot be separated from what stays.
    """
    lines = text.splitlines()
    parts = _Parts()
    at = 0  # lines that are done with
    for statement in script.statements:
        first, last = statement.line - line, statement.end - line + 1
        parts.keep(lines[at:first])
        if not any(id(one) in taken for one in statement.pieces):
            shares = at > first or _shares(statement, script)
            parts.does([statement.text] if shares else lines[first:last])
        elif statement.is_compound:
            _compound(parts, statement, taken, inserted, lines, line)
        else:
            _simple(parts, statement, taken, inserted)
        at = max(at, last)
    parts.keep(lines[at:])
    return parts.found()


class _Parts:
    def __init__(self) -> None:
        self._parts: list[tuple[list[str], bool] | Run] = [([], False)]

    def keep(self, lines: Sequence[str]) -> None:
        """Comments and blank lines, which are nothing by themselves."""
        self._add(lines, does=False)

    def does(self, lines: Sequence[str]) -> None:
        self._add(lines, does=True)

    def insert(self, command: Sequence[str]) -> None:
        self._parts += [Run(tuple(command)), ([], False)]

    def _add(self, lines: Sequence[str], *, does: bool) -> None:
        text, before = self._parts[-1]  # type: ignore[misc]
        self._parts[-1] = ([*text, *lines], before or does)

    def found(self) -> list[str | Run]:
        shown: list[str | Run] = []
        for part in self._parts:
            if isinstance(part, Run):
                shown.append(part)
            elif part[1]:
                shown.append("\n".join(part[0]))
        return shown


def _simple(parts: _Parts, statement: Statement, taken: Container[int], inserted: Inserted) -> None:
    left = [one for one in statement.pieces if id(one) not in taken]
    if left and "||" in statement.text:
        raise MixedError
    for piece in statement.pieces:
        for command in inserted.get(id(piece), ()):
            parts.insert(command)
        if id(piece) not in taken:
            parts.does([piece.text])


def _compound(
    parts: _Parts,
    statement: Statement,
    taken: Container[int],
    inserted: Inserted,
    lines: Sequence[str],
    line: int,
) -> None:
    """An `if` or `for`: `:` stands in place of what goes, and what is inserted comes before."""
    left = [one for one in statement.pieces if id(one) not in taken and not getattr(one, "moves", False)]
    if left:
        gone, stays = _covered(statement.pieces, taken)
        if gone & stays or {statement.line, statement.end} & gone:
            raise MixedError
        _check_order(statement, left[0], inserted)
    for piece in statement.pieces:
        for command in inserted.get(id(piece), ()):
            parts.insert(command)
    if left:
        parts.does(list(_replaced(statement, gone, lines, line)))


def _check_order(statement: Statement, first: Piece, inserted: Inserted) -> None:
    """What is inserted comes before all that stays. Raises MixedError where it did not."""
    pieces = list(statement.pieces)
    later = [one for one in pieces[pieces.index(first) :] if id(one) in inserted]
    if later:
        block = statement.text.split(maxsplit=1)[0]
        raise MixedError(
            f"line {later[0].line}: it stands within `{block}` behind commands that stay: put those before it"
        )


def _covered(pieces: Sequence[Piece], taken: Container[int]) -> tuple[set[int], set[int]]:
    """The lines of what goes, and of what stays."""
    gone: set[int] = set()
    stays: set[int] = set()
    for one in pieces:
        goes = isinstance(one, Operation) and id(one) in taken
        (gone if goes else stays).update(range(one.line, one.end + 1))
    return gone, stays


def _replaced(statement: Statement, gone: set[int], lines: Sequence[str], line: int) -> Iterator[str]:
    for number in range(statement.line, statement.end + 1):
        text = lines[number - line]
        if number not in gone:
            yield text
        elif number - 1 not in gone:
            yield text[: len(text) - len(text.lstrip())] + ":"


def _shares(statement: Statement, script: Script) -> bool:
    """Whether another statement begins or ends on its lines."""
    return any(
        one is not statement and one.line <= statement.end and statement.line <= one.end
        for one in script.statements
    )
