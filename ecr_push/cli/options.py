"""Makes a function a command, whose flags are those of the settings that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from ecr_push.base.errors import SourceError
from ecr_push.cli.call import Call
from ecr_push.cli.help import Command, Example
from ecr_push.settings import declare as declared
from ecr_push.settings.images_options import SEVERAL


class Number(click.IntRange):
    """A whole number, named so in the message about a wrong one."""

    name = "number"


class Seconds(click.FloatRange):
    """A duration in seconds, which may have a fraction."""

    name = "number of seconds"


class Text(click.types.StringParamType):
    """A text, for which a shell offers words, files or folders."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from ecr_push.cli.completion import offered

        return offered(ctx, param, incomplete)


_TEXT = Text()


def command(
    name: str, examples: Sequence[Example], *, settings: bool = True, ends_with_command: bool = False
) -> Callable[[Callable[..., int]], Command]:
    """Makes a function the command of this name; its docstring is the help text.

    The function is called with the `Call`, which holds the flags of settings, and with the options and
    arguments of its own. settings: whether the command takes any settings.

    ends_with_command: its arguments are another program's command line, whose options are not ours.
    """

    def decorate(function: Callable[..., int]) -> Command:
        taken = declared.options(name) if settings else ()

        @click.pass_obj
        def invoke(call: Call, /, **values: Any) -> int:
            given = _given({one.name: values.pop(one.name) for one in taken})
            if taken:
                _check_working_directory()
                _check_no_flag_is_a_value(given, params)
            call.flags.update(given)
            return function(call, **values)

        own = getattr(function, "__click_params__", [])[::-1]
        for one in own:
            one.type = _TEXT if one.type is click.STRING else one.type
        params = [*own, *(_parameter(one, several=name in SEVERAL) for one in taken)]
        return Command(
            name.split()[-1],
            callback=invoke,
            params=params,
            help=cleandoc(function.__doc__ or ""),
            groups={one.name: declared.option_help(one).group for one in taken},
            examples=examples,
            context_settings={"allow_interspersed_args": not ends_with_command},
        )

    return decorate


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value not in (None, ())}


def _check_working_directory() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        remedy = "change to a directory that is there"
        raise SourceError("the working directory no longer exists", remedy=remedy) from error


def _check_no_flag_is_a_value(given: Mapping[str, Any], params: Sequence[click.Parameter]) -> None:
    """`--test --dry-run` would be a test, and the run a real one.

    The words for a program in the image may begin with its own flags. Raises click.UsageError.
    """
    flags = {flag for one in params for flag in (*one.opts, *one.secondary_opts) if flag.startswith("--")}
    options = {one.name: one.opts[0] for one in params if isinstance(one, click.Option)}
    for name, value in given.items():
        if name == "tests_in_image" or name not in options:
            continue
        for text in value if isinstance(value, tuple) else (value,):
            flag = text.partition("=")[0] if isinstance(text, str) else ""
            if flag in flags:  # without what it is given, which may be a secret
                raise click.UsageError(
                    f"Option {options[name]!r} requires a value, and {flag!r} is another option."
                )


def _parameter(setting: Field[Any], *, several: bool) -> click.Parameter:
    """The flag of a setting; values are checked later, all at once. several: the command takes images."""
    if setting.name == "context":
        metavar, count = ("[DIR|NAME…]", -1) if several else ("[DIR]", 1)
        return click.Argument(["context"], required=False, metavar=metavar, nargs=count, type=_TEXT)
    about = declared.option_help(setting)
    default = declared.default_text(setting)
    help_text = about.help + (f"  [default: {default}]" if default else "")
    of = declared.option_types()[setting.name]
    flag = declared.flag(setting)
    # A switch has its opposite, so that a flag can overrule the environment and the file. That of --no-cache
    # would be no word.
    flag = f"{flag}/--no-{declared.key(setting)}" if of is bool and not flag.startswith("--no-") else flag
    names = [flag, setting.name, *([about.short] if about.short else [])]
    return click.Option(names, **_click_type(setting, of), help=help_text, default=None)


def _click_type(setting: Field[Any], of: Any) -> dict[str, Any]:
    about = declared.option_help(setting)
    if of is bool:
        return {"is_flag": True}
    if words := declared.choices(of):
        return {"metavar": "|".join(words), "type": _TEXT}
    return {"metavar": about.metavar or "TEXT", "multiple": bool(about.separator), "type": _TEXT}
