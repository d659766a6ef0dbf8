"""Policy files, what they extend, and the settings above them -> Policy.

The most central policy comes first; a policy that extends it replaces its values or adds to them. Locked
keys may only be made stricter, by flags and variables too. All mistakes are reported at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.documentation import page
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.severity import NoThreshold, Severity
from ecr_push.policy.files import Files, PolicyLayer, PolicyValue
from ecr_push.policy.keys import BY_NAME, KEYS, PolicyKey
from ecr_push.policy.model import Policy, make_policy
from ecr_push.policy.options import PolicyOptions
from ecr_push.policy.read_object import ReadObject

if TYPE_CHECKING:
    from ecr_push.policy.vex import Statement

VEX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Effective:
    """The values that apply in the end, by key; `policy show` prints them."""

    values: Mapping[str, PolicyValue]
    locked: Mapping[str, str]
    sources: tuple[str, ...]


def load_policy(options: PolicyOptions, read_object: ReadObject, fences: Fences) -> Policy:
    """The policy that settings mean. Raises SettingsError with every mistake, RegistryError for S3."""
    if not options.policy:
        plain = make_policy(options.fail_on, options.max_findings, options.unscannable)
        baseline = "" if options.baseline == "none" else options.baseline
        observe = bool(options.observe)
        return replace(plain, baseline=baseline, base_image=options.base_image, observe=observe)
    return load_effective(options, read_object, fences)[1]


def load_effective(
    options: PolicyOptions,
    read_object: ReadObject,
    fences: Fences,
    origins: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Effective, Policy]:
    """What holds, with its origins, and the policy made of it. Raises as `load_policy` does.

    origins: where options were given, by their names; a flag where it is not known.
    """
    problems: list[str] = []
    files = Files(read_object, fences, problems)
    layers = files.chain(options.policy, origins.get("policy", "--policy")) if options.policy else []
    effective = _merge([*layers, _from_options(options, origins)], problems)
    policy = _policy(effective, files, options, problems)
    if problems:
        raise SettingsError(problems, remedy=f"see {page('policy.md#every-key')}")
    return effective, policy


def _from_options(options: PolicyOptions, origins: Mapping[str, str]) -> PolicyLayer:
    baseline = "" if options.baseline == "none" else options.baseline
    values_given = {
        "fail-on": options.fail_on,
        "max-findings": options.max_findings,
        "unscannable": options.unscannable,
        "observe": options.observe,
        "baseline": baseline if options.baseline else None,
    }
    return PolicyLayer(
        {
            name: PolicyValue(
                None if isinstance(value, NoThreshold) else value,
                origins.get(name.replace("-", "_"), f"--{name}"),
            )
            for name, value in values_given.items()
            if value is not None
        }
    )


def _merge(layers: list[PolicyLayer], problems: list[str]) -> Effective:
    values: dict[str, PolicyValue] = {}
    locked: dict[str, str] = {}
    for layer in layers:
        before = dict(values)
        for name, given in layer.values.items():
            key = BY_NAME[name]
            if name in locked:
                problems += _loosened(name, before.get(name), given, locked[name])
            if key.adds is None:
                values[name] = given
            elif name in values:
                values[name] = PolicyValue(
                    values[name].value + given.value, f"{values[name].origin}; {given.origin}"
                )
            else:
                values[name] = given
        # Limits replace the default of fail-on, unless it is locked.
        if "fail-on" in layer.locked and "fail-on" not in values:
            values["fail-on"] = PolicyValue(
                _fail_on(values), f"the default, locked by {layer.locked['fail-on']}"
            )
        locked.update({name: place for name, place in layer.locked.items() if name not in locked})
    if "fail-on" not in values:
        values["fail-on"] = PolicyValue(_fail_on(values), "the default")
    return Effective(values, locked, tuple(layer.name for layer in layers if layer.name))


def _fail_on(values: Mapping[str, PolicyValue]) -> Severity | None:
    """Returns the default of fail-on: high, or none if there are limits."""
    limited = any(values[name].value for name in ("max-findings", "max-findings-in-total") if name in values)
    return None if limited else Severity.HIGH


def _loosened(name: str, before: PolicyValue | None, own: PolicyValue, lock: str) -> Iterable[str]:
    key = BY_NAME[name]
    if key.adds is not None:
        if key.loosens((), own.value):
            yield f"{own.origin}, {name}: locked by {lock}; an extending policy may have {key.tighter}"
        return
    known = before or PolicyValue(key.default, "its default")
    if key.loosens(known.value, own.value):
        yield (
            f"{own.origin}: {name} {_shown(key, own.value)} loosens {_shown(key, known.value)} "
            f"({known.origin}), which is locked by {lock}; allowed: {key.tighter}"
        )


def _shown(key: PolicyKey, value: object) -> str:
    shown = key.show(value)
    return shown if isinstance(shown, str) else json.dumps(shown)


def _policy(effective: Effective, files: Files, options: PolicyOptions, problems: list[str]) -> Policy:
    values_given = {
        key.field: effective.values[key.name].value if key.name in effective.values else key.default
        for key in KEYS
    }
    statements: list[Statement] = []
    for path in values_given.pop("vex"):
        from ecr_push.policy.vex_read import read_vex  # few policies name one

        content = files.read(path, effective.values["vex"].origin + ", vex", VEX_BYTES)
        if content is not None:
            statements += read_vex(content, path, problems.append)
    counted_as = {
        Severity.UNDEFINED: values_given.pop("undefined_as"),
        Severity.UNTRIAGED: values_given.pop("untriaged_as"),
    }
    policy = Policy(
        **values_given,
        vex=tuple(statements),
        count_as={one: of for one, of in counted_as.items() if of is not None},
        base_image=options.base_image,
        sources=effective.sources,
    )
    if "incomplete" in policy.strict:
        problems += [
            f"{one.where}, exceptions: {one.what} has no {gap}"
            for one in policy.exceptions
            for gap in one.gaps
        ]
    return policy
