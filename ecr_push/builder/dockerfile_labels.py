"""A Dockerfile -> the labels that it gives its image itself, as opposed to those of the base image. Pure.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecr_push.base.regex import lazy_regex
from ecr_push.builder.dockerfile import instructions, unquoted, words

_FROM = lazy_regex(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_VARIABLE = lazy_regex(r"\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})")

_MAX_NAME = 4_096  # characters of an image's name, and of an argument's value


@dataclass
class _Stage:
    name: str
    base: str
    labels: set[str] = field(default_factory=set)


def dockerfile_labels(text: str, target: str, args: Mapping[str, str]) -> frozenset[str]:
    """Returns the keys of the labels that the stage, or a stage of this file below it, sets.

    target: the stage to build; "" is the last one. args: the build arguments, of which a stage's base may be
    made. Where it cannot be followed, the labels of all earlier stages count.
    """
    stages = _stages(text, args)
    at = _wanted(stages, target)
    found: set[str] = set()
    while at is not None:
        stage = stages[at]
        found |= stage.labels
        if "$" in stage.base:
            found.update(*(one.labels for one in stages[:at]))
        at = next((below for below in reversed(range(at)) if stages[below].name == stage.base.lower()), None)
    return frozenset(found)


def _wanted(stages: list[_Stage], target: str) -> int | None:
    if not target:
        return len(stages) - 1 if stages else None
    named = next((at for at, stage in enumerate(stages) if stage.name == target.lower()), None)
    numbered = int(target) if re.fullmatch("[0-9]{1,4}", target) else len(stages)
    return named if named is not None else numbered if numbered < len(stages) else None


def _stages(text: str, args: Mapping[str, str]) -> list[_Stage]:
    stages: list[_Stage] = []
    known: dict[str, str] = {}
    for keyword, rest in instructions(text):
        if keyword == "ARG" and not stages:  # of these alone a base can be made
            for word in words(rest):
                name, _, default = word.partition("=")
                known[name] = args.get(name, _expanded(unquoted(default), known))
        elif keyword == "FROM" and (match := _FROM.fullmatch(rest)):
            stages.append(_Stage((match[2] or "").lower(), _expanded(unquoted(match[1]), known)))
        elif keyword == "LABEL" and stages and (given := words(rest)):
            # `LABEL KEY VALUE` is one label, of an old form.
            pairs = given if "=" in given[0] else given[:1]
            stages[-1].labels.update(unquoted(word.partition("=")[0]) for word in pairs)
    return stages


def _expanded(text: str, known: Mapping[str, str]) -> str:
    """Variables that are known by their values; the others stay. What is too long for a name stays, too."""
    if len(text) > _MAX_NAME:
        return text

    def value(match: re.Match[str]) -> str:
        return known.get(match[1] or match[2]) or match[3] or match[0]

    return _VARIABLE.sub(value, text)[:_MAX_NAME]
