"""Every key of a policy, declared once: how it is read, what it means, and which value is stricter.

The reader, the JSON Schema, `policy show` and the documentation's table are derived from `KEYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.base.yaml_tree import Node
from ecr_push.policy import entries, values
from ecr_push.policy import value_schemas as schemas
from ecr_push.policy.model import Layers, Scope, Unscannable
from ecr_push.policy.value_schemas import NONE, Json

Complain = Callable[[int, str], None]

# Inspector's PackageManager, in the service model of inspector2; PYTHON is what its documentation shows.
MANAGERS = (
    "OS", "PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON", "NPM", "NODEPKG", "YARN", "JAR", "POM",
    "GOBINARY", "GOMOD", "CARGO", "BUNDLER", "GEMSPEC", "COMPOSER", "NUGET", "DOTNET_CORE",
)  # fmt: skip


@dataclass(frozen=True)
class PolicyKey:
    """One key of a policy.

    default: the value that applies if no policy sets the key.
    loosens: whether the second value accepts an image that the first refuses.
    adds:    None: the value of an extending policy replaces the extended one. Otherwise it is appended, and
             this says whether more entries loosen.
    tighter: the values that a locked key may still take, for messages and documentation.
    show:    converts the value to what YAML holds.
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
    """Returns how many findings of a severity the limits allow."""
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


def _limits_shown(limits: Mapping[Severity, int]) -> Json:
    return {one.name.lower(): number for one, number in sorted(limits.items(), reverse=True)}


def _severity_shown(severity: Severity | None) -> str:
    return NONE if severity is None else severity.name.lower()


def _or_none(value: Any) -> Any:
    return NONE if value in (None, "") else value


def _scope_shown(scope: Scope) -> Json:
    return {name: list(of) for name, of in (("include", scope.include), ("exclude", scope.exclude)) if of}


def _entries_shown(value: Any) -> list[Any]:
    return [entries.shown(one) for one in value]


KEYS = (
    PolicyKey(
        "fail-on", "fail_on",
        "Refuse a finding of this severity or worse; none turns this rule off.",
        values.threshold_or_none, schemas.SEVERITY_OR_NONE, Severity.HIGH,
        lambda before, after: _worse(after) > _worse(before), "a lower severity", show=_severity_shown),
    PolicyKey(
        "max-findings", "limits",
        "The number of findings allowed for each named severity, on every platform. Severities worse than "
        "the worst named one are allowed none.",
        values.limits, schemas.LIMITS, {}, _limits_loosen,
        "the same or fewer findings for each severity", show=_limits_shown),
    PolicyKey(
        "max-findings-in-total", "total_limits",
        "Like max-findings, over all platforms together, with each finding counted once.",
        values.limits, schemas.LIMITS, {}, _limits_loosen,
        "the same or fewer findings for each severity", show=_limits_shown),
    PolicyKey(
        "exploited", "exploited", "What to do with a finding for which an exploit is known.",
        values.one_of("refuse", "allow"), {"enum": ["refuse", "allow"]}, "allow",
        _loosens_unless_same_or("refuse"), "refuse"),
    PolicyKey(
        "max-epss", "max_epss",
        "Refuse a finding whose probability of exploitation within 30 days (EPSS, 0 to 1) is higher.",
        values.number(1), schemas.number_or_none(1), None, _ceiling_loosens, "a lower number", show=_or_none),
    PolicyKey(
        "max-cvss", "max_cvss", "Refuse a finding with a higher CVSS score (0 to 10).",
        values.number(10), schemas.number_or_none(10),
        None, _ceiling_loosens, "a lower number", show=_or_none),
    PolicyKey(
        "unscored", "unscored",
        "Whether a finding breaks exploited, max-epss and max-cvss if the scanner does not report the value "
        "that they need.",
        values.one_of("refuse", "ignore"), {"enum": ["refuse", "ignore"]}, "refuse",
        _loosens_unless_same_or("refuse"), "refuse"),
    PolicyKey(
        "undefined-as", "undefined_as",
        "The severity that UNDEFINED findings also count as, in addition to UNDEFINED.",
        values.severity_or_none, schemas.SEVERITY_OR_NONE, None,
        lambda before, after: before is not None and after != before,
        "a severity if none was set; otherwise the same one", show=_severity_shown),
    PolicyKey(
        "untriaged-as", "untriaged_as",
        "The severity that UNTRIAGED findings also count as, in addition to UNTRIAGED.",
        values.severity_or_none, schemas.SEVERITY_OR_NONE, None,
        lambda before, after: before is not None and after != before,
        "a severity if none was set; otherwise the same one", show=_severity_shown),
    PolicyKey(
        "unscannable", "unscannable", "What to do with an image that ECR cannot scan.",
        values.one_of(*get_args(Unscannable)), {"enum": list(get_args(Unscannable))}, "refuse",
        _loosens_unless_same_or("refuse"), "refuse"),
    PolicyKey(
        "fixable-only", "fixable_only",
        "Evaluate only findings that an update fixes. A finding without this information is evaluated.",
        values.switch, schemas.SWITCH, False, lambda before, after: after and not before, "false"),
    PolicyKey(
        "package-managers", "package_managers",
        "Evaluate only packages of these managers, or all except these. A package whose manager is not known "
        "is evaluated.",
        values.scope(MANAGERS), schemas.include_exclude({"enum": [one.lower() for one in MANAGERS]}),
        Scope(), _scope_loosens,
        "includes at least what was included; excludes nothing more", show=_scope_shown),
    PolicyKey(
        "paths", "paths",
        "Evaluate only packages that were found at these paths, or all except these. A package without a "
        "path is evaluated.",
        values.scope(), schemas.include_exclude(schemas.TEXT), Scope(), _scope_loosens,
        "includes at least the globs that were included; excludes no other glob", show=_scope_shown),
    PolicyKey(
        "layers", "layers",
        "own: leave out the findings of the base image; base: evaluate only those. Needs --base-image.",
        values.one_of(*get_args(Layers)), {"enum": list(get_args(Layers))}, "all",
        _loosens_unless_same_or("all"), "all"),
    PolicyKey(
        "base-images", "base_images",
        "Globs of the repositories that --base-image may name, such as base/** or HOST/base/**. An empty "
        "list allows any.",
        values.texts, schemas.list_of(schemas.TEXT), (),
        lambda before, after: bool(before) and not (after and set(after) <= set(before)),
        "a subset of the globs, or any if there were none", show=list),
    PolicyKey(
        "observe", "observe",
        "Release also what the policy refuses, and report it. Not allowed in a policy of the checkout, nor "
        "in one that it extends.",
        values.switch, schemas.SWITCH, False, lambda before, after: after and not before, "false"),
    PolicyKey(
        "baseline", "baseline",
        "A tag or digest of the repository. Findings that this image also has are known and do not count.",
        values.baseline, schemas.TEXT, "", _loosens_unless_same_or(""), "none", show=_or_none),
    PolicyKey(
        "always-refuse", "always_refuse", "Findings that no exception, VEX document or baseline can exclude.",
        entries.always_refused, {"type": "array", "items": schemas.ALWAYS_REFUSED},
        (), lambda before, after: False,
        "more entries", adds=False, show=_entries_shown),
    PolicyKey(
        "exceptions", "exceptions", "Findings that are accepted, each with reason, owner and until.",
        entries.exceptions, {"type": "array", "items": schemas.EXCEPTION},
        (), lambda before, after: bool(after),
        "no entries of its own", adds=True, show=_entries_shown),
    PolicyKey(
        "vex", "vex", "OpenVEX documents: paths relative to this file, or s3://BUCKET/KEY.",
        values.texts, schemas.list_of(schemas.TEXT),
        (), lambda before, after: bool(after), "no entries of its own",
        adds=True, show=list),
    PolicyKey(
        "strict-exceptions", "strict",
        "Refuse an image if an exception is expired, unused, outgrown or incomplete; true is all four.",
        values.strictness, {"anyOf": [schemas.SWITCH, schemas.list_of({"enum": schemas.STRICTNESS})]},
        frozenset(),
        lambda before, after: not before <= after, "the same or more of them", show=sorted),
)  # fmt: skip

BY_NAME = {key.name: key for key in KEYS}


def policy_document_schema() -> Json:
    """Returns the JSON Schema of a policy file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ecr-push policy"}
    return head | policy_schema()


def policy_schema() -> Json:
    """Returns the JSON Schema of a policy."""
    properties = {key.name: {"description": key.help} | dict(key.schema) for key in KEYS}
    lockable = {"enum": list(BY_NAME)}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "extends": schemas.TEXT
            | {"description": "The policy that this one extends: a file or s3://BUCKET/KEY."},
            "locked": {
                "description": "Keys that an extending policy may only tighten; true is all of them.",
                "anyOf": [schemas.SWITCH, schemas.list_of(lockable)],
            },
            **properties,
        },
    }
