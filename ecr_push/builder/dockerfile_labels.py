"""A Dockerfile -> the labels that it gives its image itself, as opposed to those of the base image. Pure.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.builder.dockerfile import Stage, stages_of, target_of, unquoted, words


def dockerfile_labels(text: str, target: str, args: Mapping[str, str]) -> frozenset[str]:
    """Returns the keys of the labels that the stage, or a stage of this file below it, sets.

    target: the stage to build; "" is the last one. args: the build arguments, of which a stage's base may be
    made. Where it cannot be followed, the labels of all earlier stages count.
    """
    stages = stages_of(text, args)
    at = target_of(stages, target)
    found: set[str] = set()
    while at is not None:
        stage = stages[at]
        found.update(_labels(stage))
        if "$" in stage.base:
            found.update(label for one in stages[:at] for label in _labels(one))
        at = next((below for below in reversed(range(at)) if stages[below].name == stage.base.lower()), None)
    return frozenset(found)


def _labels(stage: Stage) -> Iterator[str]:
    for keyword, rest in stage.steps:
        if keyword == "LABEL" and (given := words(rest)):
            # `LABEL KEY VALUE` is one label, of an old form.
            pairs = given if "=" in given[0] else given[:1]
            yield from (unquoted(word.partition("=")[0]) for word in pairs)
