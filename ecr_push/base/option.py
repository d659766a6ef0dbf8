"""How a room declares an option: default, group, commands, help, and the type that reads its text.

A room's `options.py` is a frozen dataclass of such options; `settings/declare.py` assembles them. Light: the
command line imports all of it for `--help`, which pays for every generated method. So these dataclasses have
no eq and no repr: nothing compares options, and to print them would show build arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from typing import Annotated, Any

from ecr_push.base.dataclass import dataclass

PLANNING = frozenset({"run", "plan", "doctor", "iam policy"})
BUILDING = PLANNING | {"build"}
NAMING = BUILDING | {"tags"}
# The commands that change what a service runs, and those that may verify the image before they do anything.
DEPLOYING = frozenset({"deploy ecs", "deploy lambda", "deploy batch", "deploy sagemaker"})
VERIFYING = DEPLOYING | {"verify", "render"}
# What judges, checks or deploys one image that is there: its repository may be part of its name.
OF_AN_IMAGE = DEPLOYING | {"scan", "promote", "verify", "audit"}
# What reads the checkout, and perhaps names nothing.
OF_CHECKOUT = NAMING | {"matrix"}
COPYING = frozenset({"copy", "mirror"})
JUDGING = PLANNING | {"scan", "promote", "rollback"} | COPYING
# What has to do with one repository as a whole.
UPKEEP = frozenset({"lifecycle test", "prune"})
# And with many of them.
REPOSITORIES = frozenset({"repository plan", "repository apply", "repository may"})
REPOSITORIES |= {"registry show", "registry plan", "registry apply", "registry backfill"}
REPOSITORIES |= {"costs", "status", "audit"}
# Of which some print in forms of their own.
ALL_REPOSITORIES = REPOSITORIES | {"repository show", "repository export"}
IN_REGISTRY = JUDGING | UPKEEP | ALL_REPOSITORIES
IN_REGISTRY |= {"build", "login", "policy test", "policy show", "policy exceptions", "matrix"}
IN_REGISTRY |= VERIFYING
REPORTING = DEPLOYING | {"run", "build", "scan", "promote", "verify", "rollback"}
# The commands that take a policy, that may only observe it, and that compare images in the registry.
POLICY = JUDGING | {"gate", "policy test", "policy show"}
OBSERVING = JUDGING | {"gate", "policy show"}
COMPARING = JUDGING | {"policy test", "policy show"}

# The groups of `--help` and the documentation that several rooms have options in.
WHERE_IT_GOES = "Where it goes"
WHERE_IT_RUNS = "Where it runs"
WHAT_TO_BUILD = "What to build"
HOW_TO_BUILD = "How to build"
WHICH_VERSION = "Which version it is"
WHAT_IS_ACCEPTED = "What is accepted"
HOW_TO_RUN = "How to run"


@dataclass(frozen=True)
class OptionHelp:
    """What the command line, the documentation and the readers know of an option, besides its type.

    key:       the flag and the key in ecr-push.yml, where they are not the field's name.
    separator: what separates several values in one text (an environment variable); empty for single values.
    block:     several values are one text to the end: its lines count, and the messages name them.
    mapping:   ecr-push.yml may also give the values as `name: value` lines.
    by_caller: given by a flag or a variable alone, by the one who starts the run. ecr-push.yml cannot: it is
               part of what is built, and comes with the pull request that is to be trusted or not.
    after:     the option of an earlier room that this one, and those below it, are shown after.
    """

    help: str
    commands: frozenset[str]
    group: str = ""
    metavar: str = ""
    short: str = ""
    key: str = ""
    default_text: str = ""
    separator: str = ""
    block: bool = False
    mapping: bool = False
    by_caller: bool = False
    after: str = ""


def option(default: Any, group: str, commands: frozenset[str], help: str, **more: Any) -> Any:
    """A dataclass field that is an option; more is the rest of OptionHelp."""
    return field(default=default, metadata={"option": OptionHelp(help, commands, group, **more)})


class Parsed:
    """Marks a type whose value `parse` makes from text; it raises ValueError with a sentence for the user.

    pattern: what the text matches, for the JSON Schema.
    """

    def __init__(self, parse: Callable[[str], Any], pattern: str = "") -> None:
        self.parse = parse
        self.pattern = pattern

    def read(self, value: Any) -> Any:
        """The value of what a source holds, which may be a number in place of a text."""
        return self.parse(value if isinstance(value, str) else str(value))


def matching(pattern: str, what: str, expected: str) -> Parsed:
    """A text that matches pattern as a whole. what and expected are for the message."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):  # compiled on use: `--help` needs none of them
            raise ValueError(f"{text!r} is not a valid {what}: expected {expected}")
        return text

    return Parsed(parse, f"^{pattern}$")


# The end of a message about a text that YAML may have changed. Left out where no YAML came between.
QUOTE_IT = "; quote it in YAML"

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def read_duration(text: str) -> float:
    """`90s`, `15m`, `12h`, `3d` or seconds -> seconds. Raises ValueError with a sentence for the user."""
    matched = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|d|)", text.strip())
    if not matched:
        raise ValueError(
            f"{text!r} is not a valid duration: expected a number and s, m, h or d, such as 90s or 15m"
        )
    return float(matched[1]) * _UNITS[matched[2]]


def duration_text(seconds: float) -> str:
    """`15m` or `90s`: what `read_duration` reads."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


Duration = Annotated[float, Parsed(read_duration, r"^\d+(\.\d+)?(s|m|h|d)?$")]  # in seconds
