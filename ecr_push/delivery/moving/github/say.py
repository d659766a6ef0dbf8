"""What a script's values and conditions are in a workflow's own language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.github.words import in_expression, written
from ecr_push.delivery.moving.secret_arguments import SecretArgument
from ecr_push.delivery.moving.shell.operations import Condition
from ecr_push.delivery.moving.values import Fact, FactKind, Value

STEP_IF = "if: "  # before the text of a condition that is a step's own
VALUES = "steps.\ue000.outputs"  # until it is known which step computes them
_ASKS = lazy_regex(r"\$\(|`|\$\{[A-Za-z_]")  # a shell for a command's output, or for a variable
# Functions that GitHub knows within `if` alone.
_OF_THE_JOB = lazy_regex(r"\b(?:always|success|failure|cancelled)\(")


def can_say(fact: Fact) -> bool:
    """Whether an input can have it: as an expression, or from a step before, which asks the shell."""
    return written(fact) is not None or bool(_ASKS.match(fact.text) and "\n" not in fact.text)


def said(value: Value, values: dict[str, str]) -> str:
    """A value as an input's text. values: of what only the shell knows, the output that has it."""
    parts: list[str] = []
    for one in value.parts:
        if isinstance(one, str):
            parts.append(one)
        elif (text := written(one)) is not None:
            parts.append(text)
        else:
            name = values.setdefault(one.text, _name_of(one, values))
            parts.append(f"${{{{ {VALUES}.{name} }}}}")
    return "".join(parts)


def secret(argument: SecretArgument) -> str:
    """The input that hands a secret over in place of a build argument. No value that is there is in it."""
    only = argument.value.only if argument.value else None
    if only is None:
        return f"secret: id={argument.name},env={argument.name}"
    return f"secrets: {argument.name}={written(only) or only.text}"


def _name_of(fact: Fact, values: Mapping[str, str]) -> str:
    """A name for the output that holds it, which says what it is."""
    name = fact.kind.value if fact.kind in (FactKind.VERSION, FactKind.DATE, FactKind.BRANCH) else "value"
    taken = set(values.values())
    numbered = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def enable(conditions: Sequence[Condition]) -> Fact | None:
    """An expression that is true where the conditions hold; None where GitHub cannot say them."""
    texts = [as_expression(one) for one in conditions]
    if not all(texts) or any(map(is_of_the_job, texts)):
        return None
    joined = " && ".join(f"({one})" if len(texts) > 1 and "||" in one else one for one in texts)
    return Fact(FactKind.VARIABLE, joined, f"${{{{ {joined} }}}}")


def is_of_the_job(condition: str) -> bool:
    """Whether a condition asks how the steps before have ended."""
    return bool(_OF_THE_JOB.search(condition))


def as_expression(one: Condition) -> str:
    """A condition as GitHub writes it; "" for one that it cannot."""
    if one.text.startswith(STEP_IF):
        return one.text.removeprefix(STEP_IF)
    left, right = (in_expression(value) if value is not None else None for value in (one.left, one.right))
    return f"{left} {'==' if one.holds else '!='} {right}" if left and right else ""
