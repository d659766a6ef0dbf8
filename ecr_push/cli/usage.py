"""click's usage errors -> messages that say what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ecr_push.cli.commands import COMMANDS
from ecr_push.settings import declare as declared

# Options of docker, its build action and scanners, with the name that ecr-push has for them.
OTHER_NAMES = {
    "--account": "--registry-id",
    "--file": "--dockerfile",
    "--outputs": "--export",
    "--platforms": "--platform",
    "--severity": "--fail-on",
    "--timeout": "--scan-timeout",
}
# The same, where no option does it.
HINTS = {
    "--ignore-unfixed": "it is the key fixable-only of a policy",
    "--check": "it is --call check",
    "--quiet": "it is --progress quiet",
    "--verbose": "--progress plain logs every line of the build",
}


def explain(error: click.UsageError, argv: Sequence[str]) -> click.UsageError:
    """The same error, with a message that says what to type instead where that is known.

    argv: the command line without the program's name.
    """
    context = error.ctx
    if not isinstance(error, click.NoSuchOption) or context is None:
        return error
    name = error.option_name
    if isinstance(context.command, click.Group):
        hint = _stands_before_the_command(name, argv)
    else:
        hint = _name_from_elsewhere(name, context.command)
    return click.UsageError(f"No such option {name!r}: {hint}.", context) if hint else error


def report_flags(command: str, words: Sequence[str]) -> dict[str, Any]:
    """The reports that a command line asks for, as far as it can be read: something in it is wrong."""
    from ecr_push.cli.group import Group

    program = Group("ecr-push")
    found = program.get_command(click.Context(program), command)
    if found is None:
        return {}
    read = found.make_context(
        command,
        list(words[words.index(command) + 1 :]),
        resilient_parsing=True,
        ignore_unknown_options=True,
        allow_extra_args=True,
    )
    return {name: read.params[name] for name in ("result", "reports", "output") if read.params.get(name)}


def _stands_before_the_command(name: str, argv: Sequence[str]) -> str:
    flags = {declared.flag(one) for one in declared.options()}
    shorts = {declared.option_help(one).short for one in declared.options()}
    if name.replace("--no-", "--") not in flags | shorts:
        return ""
    command = next((word for word in argv if word in COMMANDS), "run")
    # Without the rest of the line: a build argument may be a secret.
    return f"options stand after the command, as in ecr-push {command} {name} …"


def _name_from_elsewhere(name: str, command: click.Command) -> str:
    known = {option for parameter in command.params for option in parameter.opts}
    if OTHER_NAMES.get(name) in known:
        return f"it is {OTHER_NAMES[name]} here"
    if name in ("-r", "--repository") and command.name in ("scan", "promote"):
        return f"the repository is part of IMAGE, as in ecr-push {command.name} team/shop:1.4.2"
    return HINTS.get(name, "")
