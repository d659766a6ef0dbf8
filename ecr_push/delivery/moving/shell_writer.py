"""Settings of a run -> a command line for a shell, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.deploy_moves import DeployMove
from ecr_push.delivery.moving.image_move import ImageMove
from ecr_push.delivery.moving.secret_arguments import SecretArgument
from ecr_push.delivery.moving.shell.operations import Condition
from ecr_push.delivery.moving.values import Fact, FactKind, Value

_BARE = lazy_regex(r"[A-Za-z0-9_@%+=:,./-]+")
_ESCAPED = str.maketrans({one: f"\\{one}" for one in '\\"$`'})
_SWITCHES = frozenset({"no-cache", "pull", "observe", "create-repository", "redeploy"})


def shell_text(value: Value) -> str:
    """A word of a command line that has the value."""
    if value.text is not None and _BARE.fullmatch(value.text):
        return value.text
    return quoted(value)


def quoted(value: Value) -> str:
    """The same, between quotes whatever it has."""
    parts = (one.text if isinstance(one, Fact) else one.translate(_ESCAPED) for one in value.parts)
    return f'"{"".join(parts)}"'


def can_say(fact: Fact) -> bool:
    """Whether a shell can say it: by the text that it was read from."""
    return bool(fact.text) and "\n" not in fact.text and not fact.text.startswith("${{")


def enable(conditions: Sequence[Condition]) -> Fact | None:
    """What `enable=` is where the conditions hold: the shell asks them again."""
    return _where([conditions], "true", "false")


def push(alternatives: Sequence[Sequence[Condition]]) -> Fact | None:
    """`--push` or `--no-push`."""
    return _where(alternatives, "--push", "--no-push")


def secret(argument: SecretArgument) -> str:
    """What hands a secret over in place of a build argument."""
    return f"--secret id={argument.name},env={argument.name}"


def _where(alternatives: Sequence[Sequence[Condition]], then: str, otherwise: str) -> Fact | None:
    """None for conditions that cannot be asked a second time."""
    texts = [" && ".join(one.text for one in conditions) for conditions in alternatives]
    if any("\n" in text or "docker" in text or "aws " in text for text in texts):
        return None
    text = texts[0] if len(texts) == 1 else " || ".join(f"{{ {one}; }}" for one in texts)
    return Fact(FactKind.COMMAND, text, f"$(if {text}; then echo {then}; else echo {otherwise}; fi)")


def run_lines(program: str, move: ImageMove) -> list[str]:
    """`PROGRAM run` with a line for each option, under the conditions of the image."""
    lines = [" ".join([program, "run", *([shell_text(move.context)] if move.context else [])])]
    for key, value in move.settings:
        lines += option_lines(key, value)
    if move.conditions:
        condition = " && ".join(one.text for one in move.conditions)
        return [f"if {condition}; then", *lines, "; fi"]
    return lines


def deploy_lines(program: str, move: DeployMove) -> list[str]:
    """`PROGRAM deploy lambda IMAGE` with a line for each option."""
    options = [line for name, value in move.settings for line in option_lines(name, value)]
    return [f"{program} {move.kind.becomes} {shell_text(move.image)}", *options]


def option_lines(key: str, value: Value) -> Iterator[str]:
    if key == "push":
        yield value.source
    elif key in _SWITCHES:
        if value.text not in ("false", "0"):
            yield f"--{key}"
    else:
        yield f"--{key} {shell_text(value)}"
