"""What the contexts of a workflow stand for at one step, as far as the file says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.words import EXPRESSION, step_output, template
from ecr_push.delivery.moving.github.workflow import Job, Step
from ecr_push.delivery.moving.image_name import ImageName, image_name
from ecr_push.delivery.moving.values import Fact, FactKind, Value

_REGION = lazy_regex(r"\.dkr\.ecr\.([a-z0-9-]+)\.")
_MOST_LEVELS = 8  # of variables that name variables


class Scope:
    """resolves: whether `env.X` is what the file gives it; else it stays the expression."""

    def __init__(self, job: Job, step: Step, *, resolves: bool, level: int = 0) -> None:
        self._job, self._step, self._resolves, self._level = job, step, resolves, level

    def __call__(self, text: str) -> Value | None:
        if self._resolves and text.startswith("env.") and self._level < _MOST_LEVELS:
            given = self._variable(text.removeprefix("env."))
            if given is not None:
                inner = Scope(self._job, self._step, resolves=True, level=self._level + 1)
                return template(given, inner)
        return None

    def _variable(self, name: str) -> str | None:
        for members in (self._step.environment(), *reversed(self._job.environment)):
            found = members.get(name)
            if isinstance(found, Text):
                return found.value
        return None


def divided(text: str, job: Job, step: Step) -> tuple[ImageName, ImageName]:
    """An image's name as it is written, and as it is known; the same where a variable holds all of it."""
    shown = image_name(template(text, Scope(job, step, resolves=False)))
    known = image_name(template(text, Scope(job, step, resolves=True)))
    if (shown.tag is None and known.tag is not None) or not shown.registry.parts:
        return known, known
    return shown, known


def address(name: Value) -> Value:
    """HOST/NAME for --repository: NAME alone where the host is that of the caller's own account."""
    first = name.parts[0] if name.parts else ""
    if isinstance(first, Fact):
        output = step_output(first.detail)
        host, name_alone = name.partition("/") or (Value(), name)
        is_logins = output is not None and output[1] == "registry" and len(host.parts) == 1
        if is_logins or (first.kind is FactKind.ACCOUNT and ".dkr.ecr." in host.source):
            return name_alone
    return name


def region_of(name: Value) -> str:
    """The region in a host of the caller's own account; "" where it is not in the file, or there is none."""
    parts = name.parts
    if len(parts) > 1 and isinstance(parts[0], Fact) and parts[0].kind is FactKind.ACCOUNT:
        found = _REGION.match(str(parts[1]))
        return found[1] if found else ""
    return ""


def names_in(text: str) -> Iterator[str]:
    """The values of a list that is divided by lines and commas; commas within expressions divide nothing."""
    for line in text.splitlines():
        held: list[str] = []

        def hold(found: str) -> str:
            held.append(found)  # noqa: B023 - used within this turn
            return f"\x00{len(held) - 1}\x00"  # noqa: B023

        hidden = EXPRESSION.sub(lambda found: hold(found[0]), line)
        for part in hidden.split(","):
            shown = part.strip()
            for number, one in enumerate(held):
                shown = shown.replace(f"\x00{number}\x00", one)
            if shown and not shown.startswith("#"):
                yield shown
