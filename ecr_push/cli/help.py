"""What `--help` looks like: options by group, examples at the end, no name broken at a hyphen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

# What an example does, and the command line.
Example = tuple[str, str]

_HYPHEN = "\N{NON-BREAKING HYPHEN}"


class Formatter(click.HelpFormatter):
    """Breaks no name at its hyphens."""

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _HYPHEN))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, text.replace("-", _HYPHEN)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(_HYPHEN, "-")


class Context(click.Context):
    formatter_class = Formatter


class Command(click.Command):
    """A command whose help shows its options in groups, then examples.

    groups: the group of each option that has one, by its name; the groups are shown in this order.
    """

    context_class = Context

    def __init__(
        self,
        name: str | None,
        *,
        groups: Mapping[str, str],
        examples: Sequence[Example] = (),
        **more: Any,
    ) -> None:
        super().__init__(name, **more)
        self._group_of = groups
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in self._group_of.values()}
        own = rows.setdefault("Other" if rows else "Options", [])  # `--help` among them
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                group = self._group_of.get(parameter.name or "")
                (rows[group] if group else own).append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, each line as it is, so that it can be copied."""
        if not self.examples:
            return
        with formatter.section("Examples"):
            for about, line in self.examples:
                formatter.write(f"  # {about}\n  {line}\n")
