"""BuildPlan -> a definition for `docker buildx bake`, handed over on its standard input.

`docker buildx build` takes build arguments on its command line, where everyone on the machine can read them,
or from its environment, where HTTP_PROXY or GIT_DIR would change what docker and git do. A definition keeps
them apart, whatever they are called.
https://docs.docker.com/build/bake/reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecr_push.builder.buildkit_inputs import Attribute, attributes
from ecr_push.builder.plan import BuildPlan

TARGET = "image"


def definition(
    plan: BuildPlan, args: Mapping[str, str], outputs: Sequence[str], names: Sequence[str] = ()
) -> str:
    """The definition of a build, in HCL. args: the build's arguments. names: the image's."""
    lines = [
        f"context = {_text(plan.remote or str(plan.context.absolute()))}",
        f"dockerfile = {_text(str(plan.dockerfile if plan.remote else plan.dockerfile.absolute()))}",
        f"args = {_map(args)}",
        f"labels = {_map(plan.labels)}",
        f"annotations = {_list(plan.annotations)}",
        f"output = {_list(outputs)}",
        f"attest = {_list(plan.attestations.bake())}",
        *((f"tags = {_list(names)}",) if names else ()),
        *((f"target = {_text(plan.target)}",) if plan.target else ()),
        *((f"platforms = {_list(plan.platforms)}",) if plan.platforms else ()),
        *(f"{name} = {_value(value)}" for name, value in attributes(plan.inputs).items()),
    ]
    return "\n".join((f'target "{TARGET}" {{', *(f"  {line}" for line in lines), "}", ""))


def _value(value: Attribute) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    return _map(value) if isinstance(value, Mapping) else _list(value)


def _map(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{_text(key)} = {_text(value)}" for key, value in values.items()) + "}"


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _text(value: str) -> str:
    """value as HCL's text, taken as it is: an escaped `$` or `%` begins no template."""
    return '"' + "".join(map(_character, value)) + '"'


def _character(char: str) -> str:
    if char.isascii() and (char.isalnum() or char in "/-._ "):
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
