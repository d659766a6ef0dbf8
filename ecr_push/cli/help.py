"""What `--help` looks like: the most used options first, the others by group, then examples; no name broken
at a hyphen. `-h` of a command with many options shows the most used alone, as `git -h` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from ecr_push.base.documentation import HOME

# What an example does, and the command line.
Example = tuple[str, str]

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}
_HYPHEN = "\N{NON-BREAKING HYPHEN}"
# With more options than these, a command's help no longer fits on a screen or two.
_MANY = 40
# Options by name, in the order in which they are shown first.
_MOST_USED = (
    *("repository", "region", "profile", "role_to_assume", "create_repository", "dockerfile", "build_args"),
    *("secrets", "platforms", "cache", "extra_tags", "version_strategy", "git_tag", "fail_on", "policy"),
    *("observe", "test_in_image", "to", "reports", "output", "dry_run", "sandbox"),
)


class Formatter(click.HelpFormatter):
    """Breaks no name at its hyphens."""

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _HYPHEN))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, text.replace("-", _HYPHEN)) for name, text in rows], col_max, col_spacing)

    def write_first(self, text: str) -> None:
        """The first paragraph of a help text, below the usage."""
        self.write_paragraph()
        with self.indentation():
            super().write_text(text.partition("\n\n")[0].replace("\n", " ").replace("-", _HYPHEN))

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
        params: Sequence[click.Parameter],
        groups: Mapping[str, str],
        examples: Sequence[Example] = (),
        **more: Any,
    ) -> None:
        self._first: tuple[str, ...] = _MOST_USED if len(params) > _MANY else ()
        super().__init__(
            name,
            params=[*params, *([_short_help()] if self._first else [])],
            context_settings={**HELP_OPTIONS, **more.pop("context_settings", {})},
            **more,
        )
        self._group_of = groups
        self.examples = tuple(examples)

    def get_short_help(self, ctx: click.Context) -> str:
        """What `-h` shows of a command with many options."""
        formatter = Formatter(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self.format_usage(ctx, formatter)
        formatter.write_first(self.help or "")
        with formatter.section("Most used options"):
            formatter.write_dl([_briefly(*record) for record in self._most_used(ctx)])
        self.format_epilog(ctx, formatter)
        number = sum(isinstance(one, click.Option) for one in self.params) - 1  # this one is none of them
        formatter.write(f"\nAll {number} options: {ctx.command_path} --help\n")
        return formatter.getvalue()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {"Most used": self._most_used(ctx)}
        rows |= {group: [] for group in self._group_of.values()}
        own = rows.setdefault("Other" if self._group_of else "Options", [])  # `--help` among them
        for parameter, record in self._records(ctx):
            group = self._group_of.get(parameter.name or "")
            if parameter.name not in self._first:
                (rows[group] if group else own).append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, each line as it is, so that it can be copied; and where to read on."""
        if self.examples:
            with formatter.section("Examples"):
                for about, line in self.examples:
                    formatter.write(f"  # {about}\n  {line}\n")
        formatter.write(f"\nDocumentation: {HOME}#read-on\n")

    def _most_used(self, ctx: click.Context) -> list[tuple[str, str]]:
        found = {parameter.name: record for parameter, record in self._records(ctx)}
        return [found[name] for name in self._first if name in found]

    def _records(self, ctx: click.Context) -> Iterator[tuple[click.Option, tuple[str, str]]]:
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                yield parameter, record


def _briefly(name: str, text: str) -> tuple[str, str]:
    """A switch without its opposite, and what it does without the details."""
    return name.partition(" / ")[0], re.split(r"[.;:] |, such as |  \[", text)[0].rstrip(".")


def _short_help() -> click.Option:
    return click.Option(
        ["-h", "short_help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_short_help,
        help="Show the most used options and exit.",
    )


def _show_short_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing and isinstance(ctx.command, Command):
        click.echo(ctx.command.get_short_help(ctx), nl=False)
        ctx.exit()
