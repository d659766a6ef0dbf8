"""Every key of a policy, declared once: how it is read, what it means, and which value is tighter.

The reader, the JSON Schema, `policy show` and the documentation's table are derived from `KEYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ecr_push.base.severity import NAMED_BY_USERS, Severity
from ecr_push.base.yaml_tree import Node
from ecr_push.policy import values
from ecr_push.policy.model import Layers, Scope, Strictness, Unscannable

Json = dict[str, Any]
Complain = Callable[[int, str], None]
NONE = "none"

# Inspector's PackageManager, in the service model of inspector2; PYTHON is what its documentation shows.
MANAGERS = (
    "OS", "PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON", "NPM", "NODEPKG", "YARN", "JAR", "POM",
    "GOBINARY", "GOMOD", "CARGO", "BUNDLER", "GEMSPEC", "COMPOSER", "NUGET", "DOTNET_CORE",
)  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One key of a policy.

    default: what holds where nobody says anything.
    loosens: whether the second value accepts anything that the first refuses; None where values add up.
    adds:    values of an extending policy come to those of the extended one. None: it replaces; else
             whether more of them loosen.
    tighter: the rule of `loosens` in words.
    show:    the value as YAML holds it.
    """

    name: str
    field: str
    help: str
    read: Callable[[Node, Complain], Any]
    schema: Json
    default: Any
    loosens: Callable[[Any, Any], bool]
    tighter: str
    adds: bool | None = None
    show: Callable[[Any], Any] = lambda value: value


def _worse(severity: Severity | None) -> int:
    return len(Severity) if severity is None else int(severity)


def allowance(limits: Mapping[Severity, int], severity: Severity) -> float:
    """How many findings of a severity limits allow."""
    if severity in limits:
        return limits[severity]
    return 0 if limits and severity > max(limits) else float("inf")


def _limits_loosen(before: Mapping[Severity, int], after: Mapping[Severity, int]) -> bool:
    return any(allowance(after, one) > allowance(before, one) for one in Severity)


def _ceiling_loosens(before: float | None, after: float | None) -> bool:
    return before is not None and (after is None or after > before)


def _scope_loosens(before: Scope, after: Scope) -> bool:
    narrowed = bool(after.include) and not (before.include and set(before.include) <= set(after.include))
    return narrowed or not set(after.exclude) <= set(before.exclude)


def _loosens_unless_same_or(tightest: Any) -> Callable[[Any, Any], bool]:
    return lambda before, after: after not in (before, tightest)


_SEVERITIES = [one.name.lower() for one in NAMED_BY_USERS]
_SEVERITY: Json = {"enum": _SEVERITIES}
_SEVERITY_OR_NONE: Json = {"enum": [*_SEVERITIES, NONE]}
_LIMITS: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {one: {"type": "integer", "minimum": 0} for one in _SEVERITIES},
}
_TEXT: Json = {"type": "string", "minLength": 1}
_SWITCH: Json = {"type": "boolean"}


def _list_of(item: Json) -> Json:
    return {"anyOf": [{"type": "array", "items": item}, item]}


def _scope(item: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"include": _list_of(item), "exclude": _list_of(item)},
    }


def _number(highest: int) -> Json:
    return {"anyOf": [{"type": "number", "minimum": 0, "maximum": highest}, {"const": NONE}]}


_PATTERN: Json = {
    "vulnerability": _TEXT | {"description": "CVE or other identifier."},
    "package": _TEXT | {"description": "Name of the package."},
    "versions": {"type": ["string", "number"], "description": "Range of versions, such as '>=1.1, <1.4'."},
}
_ALWAYS: Json = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["vulnerability"]}, {"required": ["package"]}],
    "properties": {**_PATTERN, "reason": _TEXT},
}
_EXCEPTION: Json = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": [one]} for one in ("vulnerability", "package", "path")],
    "properties": {
        **_PATTERN,
        "path": _TEXT | {"description": "Glob of the file that the package was found in."},
        "platform": _TEXT | {"description": "Glob of platforms, such as linux/arm64."},
        "reason": _TEXT | {"description": "Why it is accepted."},
        "owner": _TEXT | {"description": "Who answers for it."},
        "until": {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}$",
            "description": "Last day on which it holds, in UTC.",
        },
        "until-fixed": _SWITCH | {"description": "It holds while no fix is known."},
    },
}
_STRICTNESS = list(get_args(Strictness))


def _limits_shown(limits: Mapping[Severity, int]) -> Json:
    return {one.name.lower(): number for one, number in sorted(limits.items(), reverse=True)}


def _severity_shown(severity: Severity | None) -> str:
    return NONE if severity is None else severity.name.lower()


def _or_none(value: Any) -> Any:
    return NONE if value in (None, "") else value


def _scope_shown(scope: Scope) -> Json:
    return {name: list(of) for name, of in (("include", scope.include), ("exclude", scope.exclude)) if of}


def _patterns_shown(entries: Any) -> list[Any]:
    return [values.shown(one) for one in entries]


KEYS = (
    Key("fail-on", "fail_on", "Refuse a finding of this severity or worse; none switches it off.",
        values.threshold_or_none, _SEVERITY_OR_NONE, Severity.HIGH,
        lambda before, after: _worse(after) > _worse(before), "a lower severity", show=_severity_shown),
    Key("max-findings", "limits", "At most so many findings of each named severity on every platform; one "
        "worse than the worst named is allowed none.",
        values.limits, _LIMITS, {}, _limits_loosen,
        "no severity is allowed more findings than before", show=_limits_shown),
    Key("max-findings-in-total", "total_limits", "Like max-findings, over all platforms together, each "
        "finding once.",
        values.limits, _LIMITS, {}, _limits_loosen,
        "no severity is allowed more findings than before", show=_limits_shown),
    Key("exploited", "exploited", "What to do with a finding for which an exploit is known.",
        values.one_of("refuse", "allow"), {"enum": ["refuse", "allow"]}, "allow",
        _loosens_unless_same_or("refuse"), "refuse"),
    Key("max-epss", "max_epss", "Refuse a finding that is likelier than this to be exploited within 30 days "
        "(EPSS, 0 to 1).",
        values.number(1), _number(1), None, _ceiling_loosens, "a lower number", show=_or_none),
    Key("max-cvss", "max_cvss", "Refuse a finding with a higher CVSS score (0 to 10).",
        values.number(10), _number(10), None, _ceiling_loosens, "a lower number", show=_or_none),
    Key("unscored", "unscored", "Whether a finding breaks exploited, max-epss and max-cvss where the scanner "
        "does not give what they need.",
        values.one_of("refuse", "ignore"), {"enum": ["refuse", "ignore"]}, "refuse",
        _loosens_unless_same_or("refuse"), "refuse"),
    Key("undefined-as", "undefined_as", "The severity that UNDEFINED findings count as too, besides their "
        "own class.",
        values.severity_or_none, _SEVERITY_OR_NONE, None,
        lambda before, after: before is not None and after != before,
        "set where it was not; else the same", show=_severity_shown),
    Key("untriaged-as", "untriaged_as", "The severity that UNTRIAGED findings count as too, besides their "
        "own class.",
        values.severity_or_none, _SEVERITY_OR_NONE, None,
        lambda before, after: before is not None and after != before,
        "set where it was not; else the same", show=_severity_shown),
    Key("unscannable", "unscannable", "What to do with an image that ECR cannot scan.",
        values.one_of(*get_args(Unscannable)), {"enum": list(get_args(Unscannable))}, "refuse",
        _loosens_unless_same_or("refuse"), "refuse"),
    Key("fixable-only", "fixable_only", "Judge only findings that an update fixes. Where the scanner does "
        "not tell, a finding is judged.",
        values.switch, _SWITCH, False, lambda before, after: after and not before, "false"),
    Key("package-managers", "package_managers", "Judge only packages of these managers, or all but these. A "
        "package whose manager is not known is judged.",
        values.scope(MANAGERS), _scope({"enum": [one.lower() for one in MANAGERS]}), Scope(), _scope_loosens,
        "includes all that was included, or everything; excludes nothing more", show=_scope_shown),
    Key("paths", "paths", "Judge only packages that were found at these paths, or all but these. A package "
        "without a path is judged.",
        values.scope(), _scope(_TEXT), Scope(), _scope_loosens,
        "includes all globs that were included, or everything; excludes no other glob", show=_scope_shown),
    Key("layers", "layers", "own: leave the base image's findings out; base: judge them alone. Needs "
        "--base-image.",
        values.one_of(*get_args(Layers)), {"enum": list(get_args(Layers))}, "all",
        _loosens_unless_same_or("all"), "all"),
    Key("base-images", "base_images", "Globs of the repositories that --base-image may name, such as base/** "
        "or HOST/base/**; none named is any.",
        values.texts, _list_of(_TEXT), (),
        lambda before, after: bool(before) and not (after and set(after) <= set(before)),
        "some of the globs, or some where there were none", show=list),
    Key("baseline", "baseline", "A tag or digest of the repository: what that image has already is known, "
        "and does not count.",
        values.baseline, _TEXT, "", _loosens_unless_same_or(""), "none", show=_or_none),
    Key("always-refuse", "always_refuse", "Findings that nothing softens.",
        values.always_refused, {"type": "array", "items": _ALWAYS}, (), lambda before, after: False,
        "more of them", adds=False, show=_patterns_shown),
    Key("exceptions", "exceptions", "Findings that are accepted, each with reason, owner and until.",
        values.exceptions, {"type": "array", "items": _EXCEPTION}, (), lambda before, after: bool(after),
        "none of its own", adds=True, show=_patterns_shown),
    Key("vex", "vex", "OpenVEX documents: files, beside this one, or s3://BUCKET/KEY.",
        values.texts, _list_of(_TEXT), (), lambda before, after: bool(after), "none of its own", adds=True,
        show=list),
    Key("strict-exceptions", "strict", "Refuse an image for exceptions that are expired, unused, outgrown or "
        "incomplete; true is all of it.",
        values.strictness, {"anyOf": [_SWITCH, _list_of({"enum": _STRICTNESS})]}, frozenset(),
        lambda before, after: not before <= after, "more of them", show=sorted),
)  # fmt: skip

BY_NAME = {key.name: key for key in KEYS}


def policy_document_schema() -> Json:
    """The schema of a policy in a file of its own."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ecr-push policy"}
    return head | policy_schema()


def policy_schema() -> Json:
    """The JSON Schema of a policy."""
    properties = {key.name: {"description": key.help} | dict(key.schema) for key in KEYS}
    lockable = {"enum": list(BY_NAME)}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "extends": _TEXT
            | {"description": "The policy that this one builds on: a file or s3://BUCKET/KEY."},
            "locked": {
                "description": "Keys that an extending policy may only tighten; true is all of them.",
                "anyOf": [_SWITCH, _list_of(lockable)],
            },
            **properties,
        },
    }
