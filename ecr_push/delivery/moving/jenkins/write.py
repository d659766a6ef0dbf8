"""Settings of a run -> the step ecrPush, in Groovy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.deploy_moves import DeployMove
from ecr_push.delivery.moving.image_move import ImageMove
from ecr_push.delivery.moving.release import RELEASE
from ecr_push.delivery.moving.secret_arguments import SecretArgument
from ecr_push.delivery.moving.values import Fact, FactKind, Value

LIBRARY = f"ecr-push@v{RELEASE}"
OBSERVED = "// findings are reported; without this line they refuse an image"
_SEVERAL = frozenset({
    "build-arg", "label", "annotation", "platform", "secret", "ssh", "cache-from", "cache-to", "add-host",
    "ulimit", "build-context", "attest", "allow", "no-cache-filter", "to", "report",
})  # fmt: skip
_SWITCHES = frozenset({"no-cache", "pull", "observe", "create-repository", "redeploy"})
_NUMBERS = frozenset({"short-sha-length"})
_VARIABLE = lazy_regex(r"\$\{?([A-Za-z_]\w*)\}?")


def can_say(fact: Fact) -> bool:
    return bool(fact.text) and "\n" not in fact.text


def groovy(value: Value) -> str:
    """A string of Groovy that has the value."""
    if value.text is not None:
        return f"'{_escaped(value.text, quote=chr(39))}'"
    return f'"{interpolated(value)}"'


def interpolated(value: Value, quote: str = '"') -> str:
    """As it stands within double quotes."""
    return "".join(
        _expression(one) if isinstance(one, Fact) else _escaped(one, quote=quote).replace("$", "\\$")
        for one in value.parts
    )


def call(move: ImageMove, options: Mapping[str, Value]) -> str:
    """The step with its options, each on a line of its own. options: those besides the settings."""
    lines = ["ecrPush("]
    several: dict[str, list[Value]] = {}
    for key, value in move.settings:
        several.setdefault(key, []).append(value)
    given = {key: values[-1] for key, values in several.items()} | dict(options)
    if move.context:
        given = {"repository": given["repository"], "context": move.context, **given}
    for key, value in given.items():
        values = several.get(key, [value])
        lines += [f"    {line}" for line in _option(key, values)]
    return "\n".join([*lines, ")"])


def deploy_call(move: DeployMove) -> str:
    """The step that deploys, with its options."""
    given = {"command": Value.constant(move.kind.becomes), "arguments": move.image, **dict(move.settings)}
    lines = [f"    {line}" for key, value in given.items() for line in _option(key, [value])]
    return "\n".join(["ecrPush(", *lines, ")"])


def _option(key: str, values: list[Value]) -> Iterator[str]:
    name = camel_case(key)
    if key == "tags":
        is_constant = all(one.text is not None for one in values)
        quote = "'''" if is_constant else '"""'
        lines = [_escaped(one.source, quote="'") if is_constant else interpolated(one) for one in values]
        yield from (f"{name}: {quote}", *(f"    {line}" for line in lines), f"{quote},")
    elif key == "push":
        (fact,) = values[-1].facts
        yield f"push: {fact.detail},"
    elif key in _SWITCHES:
        is_on = values[-1].text not in ("false", "0")
        yield f"{name}: {'true' if is_on else 'false'},{f' {OBSERVED}' if key == 'observe' else ''}"
    elif key in _SEVERAL:
        yield f"{name}: [{', '.join(groovy(one) for one in values)}],"
    elif key in _NUMBERS and values[-1].text:
        yield f"{name}: {values[-1].text},"
    else:
        yield f"{name}: {groovy(values[-1])},"


def secret(argument: SecretArgument) -> str:
    """What hands a secret over in place of a build argument."""
    return f"secret: ['id={argument.name},env={argument.name}']"


def camel_case(key: str) -> str:
    first, *rest = key.split("-")
    return first + "".join(one.title() for one in rest)


def _expression(fact: Fact) -> str:
    text = fact.text
    if text.startswith("${{ "):
        expression = text[4:-3]
        if fact.kind is FactKind.SHA and fact.detail:
            return f"${{({expression}).take({fact.detail})}}"
        return f"${{{expression}}}"
    if found := _VARIABLE.fullmatch(text):
        return f"${{env.{found[1]}}}"
    if text.startswith("$(") and text.endswith(")"):
        return f"${{sh(script: '{_escaped(text[2:-1], quote=chr(39))}', returnStdout: true).trim()}}"
    shown = _escaped(f'printf %s "{text}"', quote="'")
    return f"${{sh(script: '{shown}', returnStdout: true)}}"


def _escaped(text: str, *, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote[0], f"\\{quote[0]}")
