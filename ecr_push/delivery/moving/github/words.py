"""GitHub's own words: what its expressions and variables stand for, and how a fact is written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.release import MAJOR
from ecr_push.delivery.moving.values import Fact, FactKind, Value

CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
ACTION = f"ecr-push/ecr-push@{MAJOR} # zizmor: ignore[unpinned-uses]"
# It gives the steps after it what the cache of type gha needs: docs/building.md, "Caches".
RUNTIME = "crazy-max/ghaction-github-runtime@04d248b84655b509d8c44dc1d6f990c879747487 # v4.0.0"
NO_WAIT = "as before; without this line it waits until the service runs the image"
OBSERVED = "findings are reported; without this line they refuse an image"  # beside `observe: true`

EXPRESSION = lazy_regex(r"\$\{\{\s*(.*?)\s*\}\}")
_STEP_OUTPUT = lazy_regex(r"steps\.([\w-]+)\.outputs\.([\w-]+)")
_CONTEXTS: Mapping[str, FactKind] = {
    "github.sha": FactKind.SHA,
    "github.ref_name": FactKind.REF,
    "github.run_number": FactKind.RUN_NUMBER,
    "github.run_id": FactKind.RUN_ID,
    "github.event.number": FactKind.PULL_REQUEST,
    "github.event.pull_request.number": FactKind.PULL_REQUEST,
}
# https://docs.github.com/actions/reference/workflows-and-actions/variables
_VARIABLES: Mapping[str, FactKind] = {
    "GITHUB_SHA": FactKind.SHA,
    "GITHUB_REF_NAME": FactKind.REF,
    "GITHUB_RUN_NUMBER": FactKind.RUN_NUMBER,
    "GITHUB_RUN_ID": FactKind.RUN_ID,
}
_OF_GITHUB = (
    *("ref", "ref_name", "ref_type", "head_ref", "base_ref", "repository", "repository_owner", "actor"),
    *("event_name", "workflow", "job", "run_attempt", "workspace", "server_url"),
)
_WRITTEN = {
    FactKind.SHA: "github.sha",
    FactKind.RUN_NUMBER: "github.run_number",
    FactKind.RUN_ID: "github.run_id",
    FactKind.PULL_REQUEST: "github.event.number",
    FactKind.REF: "github.ref_name",
    FactKind.REGION: "env.AWS_REGION",
}
Scope = Callable[[str], "Value | None"]


def known_variables() -> dict[str, Value]:
    """What variables of every job hold, as far as they are facts."""
    return {name: Value.fact(kind, "", f"${{{{ {_written(name)} }}}}") for name, kind in _VARIABLES.items()}


def template(text: str, scope: Scope) -> Value:
    """A text with expressions -> a value. scope: what the name of a context stands for, None for itself."""
    parts: list[str | Fact] = []
    at = 0
    for found in EXPRESSION.finditer(text):
        parts.append(text[at : found.start()])
        parts += expression(found[1], scope).parts
        at = found.end()
    return Value.of((*parts, text[at:]))


def expression(text: str, scope: Scope) -> Value:
    """What is between `${{` and `}}` -> a value; a VARIABLE with its text for what has no name here."""
    if (known := scope(text)) is not None:
        return known
    kind = _CONTEXTS.get(text, FactKind.VARIABLE)
    detail = text if kind is FactKind.VARIABLE else ""
    return Value.fact(kind, detail, f"${{{{ {text} }}}}")


def step_output(text: str) -> tuple[str, str] | None:
    """`steps.ID.outputs.NAME` -> (ID, NAME); None for another expression."""
    found = _STEP_OUTPUT.fullmatch(text)
    return (found[1], found[2]) if found else None


def written(fact: Fact) -> str | None:
    """How an input of a workflow writes a fact; None where no expression gives it."""
    if fact.text.startswith("${{"):
        return fact.text
    is_whole = fact.text in (f"${fact.detail}", f"${{{fact.detail}}}")  # and not `${X#prefix}`
    if fact.kind is FactKind.VARIABLE and is_whole and fact.detail.startswith(("GITHUB_", "AWS_")):
        # Any other may be the machine's own, which the context `env` has not: a shell is asked for it.
        return f"${{{{ {_written(fact.detail)} }}}}"
    if fact.kind in _WRITTEN and not fact.detail:
        return f"${{{{ {_WRITTEN[fact.kind]} }}}}"
    return None


def in_expression(value: Value) -> str | None:
    """A value as an operand within `${{ }}`: a literal in quotes, or the inner text of its only fact."""
    if value.text is not None:
        quoted = value.text.replace("'", "''")
        return f"'{quoted}'"
    only = value.only
    text = written(only) if only else None
    return text.removeprefix("${{").removesuffix("}}").strip() if text else None


def _written(variable: str) -> str:
    """The context that has what a variable holds."""
    name = variable.removeprefix("GITHUB_").lower()
    if variable.startswith("GITHUB_") and (name in _OF_GITHUB or variable in _VARIABLES):
        return f"github.{name}"
    return f"env.{variable}"
