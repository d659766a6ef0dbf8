"""click's usage errors -> messages that say what to type instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from click.core import ParameterSource

from ecr_push.cli.commands import COMMANDS
from ecr_push.settings import declare as declared
from ecr_push.settings.other_names import SAME_AS, SHORT, SHORT_HINTS, meant_by, normal

# How the repository is named where a command takes no --repository.
_REPOSITORY_IN = {
    "copy": "the repository is part of IMAGE, as in ecr-push copy team/shop:1.4.2 --to region=eu-central-1",
    "costs": "names are arguments, as in ecr-push costs team/shop",
    "gate": "the saved result says which image it is about",
    "login": "one login is for all repositories of a registry, which --region and --registry-id name",
    "mirror": "FILE names the repositories",
    "render": "the repository is part of IMAGE, HOST/REPOSITORY@sha256:…, as ecr-push run prints it",
    "repository apply": "FILE names the repositories",
    "repository export": "names are arguments, as in ecr-push repository export team/shop --output terraform",
    "repository plan": "FILE names the repositories",
    "status": "names are arguments, as in ecr-push status team/shop",
    "repository show": "names are arguments, as in ecr-push repository show team/shop",
}
_WITH_A_LIFECYCLE = ("costs", "lifecycle test")
# Commands of other tools, and what does it here.
_OTHER_COMMANDS = {
    "delete": "prune",
    "eks": "render",
    "fargate": "deploy ecs",
    "helm": "render",
    "history": "audit",
    "images": "repository show",
    "inspect": "scan",
    "kubernetes": "render",
    "list": "repository show",
    "ls": "repository show",
    "push": "run",
    "release": "run",
    "rm": "prune",
    "tag": "promote",
    "validate": "policy show",
}


class Mistakes(click.UsageError):
    """Several of one command line."""

    def __init__(self, problems: Sequence[str], context: click.Context | None) -> None:
        super().__init__("\n  - ".join(["the command line is wrong:", *problems]), context)
        self.problems = tuple(problems)


def explain(error: click.UsageError, argv: Sequence[str]) -> click.UsageError:
    """The same error, with a message that says what to type instead where that is known; of an option that
    does not exist with what else is wrong with the options.

    argv: the command line without the program's name.
    """
    context = error.ctx
    if context is None:
        return error
    if isinstance(error, click.NoSuchOption):
        if isinstance(context.command, click.Group):
            hint = _stands_before_the_command(error.option_name, argv)
            text = f"No such option {error.option_name!r}: {hint}."
            return click.UsageError(text, context) if hint else error
        command = command_of(argv)
        unknown = _unknown_options(command, argv) or [error.option_name]
        problems = [_no_such_option(name, context) for name in unknown]
        problems += _wrong_values(command, argv)
        return Mistakes(problems, context) if problems[1:] else click.UsageError(problems[0], context)
    wrong_command = getattr(error, "command_name", "")  # of NoSuchCommand, which click 8.1 has not yet
    hint = _command_from_elsewhere(wrong_command) or _what_runs_it(wrong_command, context)
    if hint := hint or _extra_argument(error.message, context):
        return click.UsageError(f"{error.message.rstrip('.')}: {hint}.", context)
    return error


def command_of(words: Sequence[str]) -> str:
    """The command that a command line means, as the table names it: `deploy ecs`; "" where it names none."""
    name = ""
    for word in words:
        longer = f"{name} {word}".strip()
        name = longer if longer in COMMANDS else name
    return name


def is_complete(command: str) -> bool:
    """Whether it names a command, and not nothing, or a group alone."""
    return command in COMMANDS and not _within(command)


def _within(group: str) -> list[str]:
    """The commands of a group, as the table names them; of a command none."""
    return [one for one in COMMANDS if one.startswith(f"{group} ")]


def report_flags(command: str, words: Sequence[str]) -> dict[str, Any]:
    """The reports that a command line asks for, as far as it can be read: something in it is wrong.

    command: as `command_of` finds it. Where that names none, the flags are read as those of `run`.
    """
    read = _read_leniently(*_command_and_rest(command if is_complete(command) else "run", words)).params
    return {name: read[name] for name in ("result", "reports", "output") if read.get(name)}


def _command_and_rest(name: str, words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """The command of the table, and the words of a command line without those that name it."""
    from ecr_push.cli.group import Group

    found: click.Command | None = Group("ecr-push")
    rest = list(words)
    for one in name.split():
        assert isinstance(found, click.Group)  # noqa: S101 - as the table of commands has it
        found = found.get_command(click.Context(found), one)
        if one in rest:
            rest.remove(one)
    assert found is not None  # noqa: S101 - it is in the table
    return found, rest


def _read_leniently(command: click.Command, rest: list[str]) -> click.Context:
    return command.make_context(
        command.name, rest, resilient_parsing=True, ignore_unknown_options=True, allow_extra_args=True
    )


def _unknown_options(name: str, words: Sequence[str]) -> list[str]:
    """The options of a command line that its command does not have; none where the rest cannot be read."""
    command, rest = _command_and_rest(name, words)
    # Without arguments, which would take them.
    alone = click.Command(name, params=[one for one in command.params if isinstance(one, click.Option)])
    context = click.Context(alone, ignore_unknown_options=True, resilient_parsing=True)
    before = rest[: rest.index("--")] if "--" in rest else rest
    _, left, _ = alone.make_parser(context).parse_args(list(before))
    # Without what stands behind the sign: a value may be a secret.
    return list(dict.fromkeys(one.partition("=")[0] for one in left if one.startswith("-") and one != "-"))


def _wrong_values(name: str, words: Sequence[str]) -> list[str]:
    """What is wrong with the values of the options that the command has, each by itself."""
    from ecr_push.settings.sources import read_flags

    read = _read_leniently(*_command_and_rest(name, words))
    # Not the directory: the value of an option that does not exist counts as one, too.
    known = {one.name for one in declared.options()} - {"context"}
    flags = {
        one: value
        for one, value in read.params.items()
        if one in known and read.get_parameter_source(one) is ParameterSource.COMMANDLINE
    }
    return [f"{one.origin}: {text}" for one in read_flags(flags).values() for text in one.mistakes]


def _no_such_option(name: str, context: click.Context) -> str:
    if hint := _name_from_elsewhere(name, context):
        return f"No such option {name!r}: {hint}."
    flags = [flag for one in context.command.params for flag in one.opts if flag.startswith("--")]
    meant = sorted(get_close_matches(name, flags))
    return click.NoSuchOption(name, possibilities=meant, ctx=context).format_message()


def _stands_before_the_command(name: str, argv: Sequence[str]) -> str:
    flags = {declared.flag(one) for one in declared.options()}
    shorts = {declared.option_help(one).short for one in declared.options()}
    if name.replace("--no-", "--") not in flags | shorts:
        return ""
    command = command_of(argv) or "run"
    command = next(iter(_within(command)), command)
    # Without the rest of the line: a build argument may be a secret.
    return f"options stand after the command, as in ecr-push {command} {name} …"


def _name_from_elsewhere(name: str, context: click.Context) -> str:
    """What an option of another tool, or of another command, is called in this one."""
    path = _path(context)
    if name in ("-r", "--repository"):
        return _REPOSITORY_IN.get(path, "")
    if not name.startswith("--"):
        return (
            f"it is --{SHORT[name]} here" if SHORT.get(name) in _taken(context) else SHORT_HINTS.get(name, "")
        )
    if path in _WITH_A_LIFECYCLE and name in ("--policy", "--policy-file", "--lifecycle-policy"):
        return "it is --lifecycle here"
    taken = {key: f"--{key}" for key in _taken(context)} | {"context": "the argument DIR"}
    return meant_by(name, taken) or _of_other_commands(SAME_AS.get(normal(name), normal(name)))


def _of_other_commands(key: str) -> str:
    found = [one for one in declared.options() if declared.key(one) == key]
    commands = sorted(declared.option_help(found[0]).commands, key=[*COMMANDS].index) if found else []
    return f"--{key} is an option of {', '.join(commands[:3])}" if commands else ""


def _taken(context: click.Context) -> set[str]:
    """The keys of the options that the command takes."""
    return {declared.key(one) for one in declared.options(_path(context))}


def _path(context: click.Context) -> str:
    """`policy test`: the command's name in the table."""
    return context.command_path.partition(" ")[2]


def _extra_argument(message: str, context: click.Context) -> str:
    given = re.match(r"Got unexpected extra arguments? \((.*)\)", message)
    names = [word for word in given[1].split() if "/" in word] if given else []
    path = _path(context)
    if given and path == "lifecycle test" and not (names and names[0].count(".") == 0):
        file = given[1].split()[0]
        return f"the policy is given with --lifecycle, as in ecr-push {path} -r team/shop --lifecycle {file}"
    if given and path == "init":
        return f"the file to move over is given with --from, as in ecr-push init --from {given[1].split()[0]}"
    if not names or "repository" not in _taken(context):
        return ""
    return f"the repository is given with -r, as in ecr-push {path} -r {names[0].partition(':')[0]}"


def _what_runs_it(name: str, context: click.Context) -> str:
    """For an image where the word for what runs it should be."""
    is_image = _path(context) == "deploy" and any(mark in name for mark in "/:@")
    return f"what runs the image comes before it, as in ecr-push deploy ecs {name} …" if is_image else ""


def _command_from_elsewhere(name: str) -> str:
    meant = _OTHER_COMMANDS.get(name, "")
    return f"use ecr-push {meant}: {COMMANDS[meant]}".rstrip(".") if meant else ""
