"""The options with which another command judges the image of this one again, as the caller gave them.

Those of ecr-push.yml are left out: the command is for the same checkout, and reads them itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field
from typing import Any

from ecr_push.base.option import HOW_TO_RUN
from ecr_push.cli.call import Call
from ecr_push.settings import declare as declared
from ecr_push.settings.values import read_value, split

# What is of the machine or of the job that ran, was done by it, or is part of IMAGE.
_OF_THIS_RUN = {
    "role_to_assume",
    "repository",
    "create_repository",
    "kms_key",
    "run_url",
    "actor",
    "attest_sbom",
}


def options_again(call: Call, command: str) -> tuple[str, ...]:
    """The words of the command line, for the options that command takes, from flags and from variables."""
    return tuple(
        word
        for one in declared.options(command)
        if one.name not in _OF_THIS_RUN and declared.option_help(one).group != HOW_TO_RUN
        for word in _words(one, call)
    )


def _words(one: Field[Any], call: Call) -> Iterable[str]:
    given = call.flags.get(one.name, call.environ.get(declared.environment_name(one), ""))
    if given in ("", (), None):
        return
    flag = declared.flag(one)
    if declared.option_types()[one.name] is bool:
        yield flag if read_value(bool, given)[0] else f"--no-{declared.key(one)}"
        return
    values = split(declared.option_help(one), given)
    for value in [values] if isinstance(values, str) else values:
        yield from (flag, str(value))
