"""The command group: reads the table of commands, and imports a command's file when it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

import click

from ecr_push.cli.commands import COMMANDS, SECTIONS
from ecr_push.cli.help import Command, Context


class Group(click.Group):
    """Lists its commands in the order of the table.

    within: the name of this group in the table, with a space after it; empty for the program itself.
    """

    context_class = Context
    command_class = Command

    def __init__(self, name: str | None = None, *, within: str = "", **more: Any) -> None:
        commands = _Commands(within)
        super().__init__(name, cast("dict[str, click.Command]", commands), **more)
        self._texts, self._within = commands.texts, within

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._texts)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands first, as they are what is looked for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's own texts: no command is imported for them."""
        width = max(map(len, self._texts))
        for title, names in self._sections().items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", self._texts[name]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """What a shell offers, also without an import of each command."""
        from click.shell_completion import CompletionItem

        names = [name for name in self._texts if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self._texts[name]) for name in names]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def _sections(self) -> dict[str, list[str]]:
        """The names of the commands by the title that they stand beneath."""
        sections: dict[str, list[str]] = {}
        title = "Commands"
        for name in self._texts:
            title = title if self._within else SECTIONS.get(name, title)
            sections.setdefault(title, []).append(name)
        return sections


class _Commands(Mapping[str, click.Command]):
    """The commands of one group by name. Each is imported when it is asked for."""

    def __init__(self, within: str) -> None:
        names = {
            path.removeprefix(within): text for path, text in COMMANDS.items() if path.startswith(within)
        }
        self.texts = {name: text for name, text in names.items() if " " not in name}
        self._within = within
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self._loaded[name] = self._load(self._within + name, self.texts[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def _load(self, path: str, text: str) -> click.Command:
        if any(one.startswith(f"{path} ") for one in COMMANDS):
            return Group(path.split()[-1], within=f"{path} ", help=text)
        name = path.replace(" ", "_")
        command: click.Command = getattr(import_module(f"ecr_push.cli.commands.{name}"), name)
        command.short_help = text
        return command
