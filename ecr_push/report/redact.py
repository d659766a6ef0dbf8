"""Outcome -> the outcome that reports may show: secrets removed, and what only reports need added."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ecr_push.base.own_version import own_version
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan


def prepare_outcome(outcome: Outcome, clean: Callable[[str], str]) -> Outcome:
    """Redacts texts of programs, and adds the Dockerfile's path and the version of ecr-push.

    The output of a failed program is redacted here, before a format's escapes could hide a secret in it.
    """
    failure = _clean_failure(outcome.failure, clean)
    dockerfile = _dockerfile(outcome.plan) if outcome.plan else ""
    options = tuple(map(clean, outcome.run.options))
    run = replace(outcome.run, dockerfile=dockerfile, tool_version=own_version(), options=options)
    steps = {layer: clean(step) for layer, step in outcome.layer_steps.items()}
    checks = tuple(replace(one, text=clean(one.text)) for one in outcome.build_checks)
    tests = tuple(_cleaned(one, clean) for one in outcome.tests)
    destinations = tuple(
        replace(one, failure=_clean_failure(one.failure, clean)) for one in outcome.destinations
    )
    return replace(
        outcome,
        failure=failure,
        build_checks=checks,
        tests=tests,
        destinations=destinations,
        layer_steps=steps,
        run=run,
    )


def _clean_failure(failure: Failure | None, clean: Callable[[str], str]) -> Failure | None:
    if failure is None:
        return None
    return replace(failure, what=clean(failure.what), why=clean(failure.why), remedy=clean(failure.remedy))


def _cleaned(one: ImageTestResult, clean: Callable[[str], str]) -> ImageTestResult:
    test = replace(one.test, command=clean(one.test.command))
    return replace(one, test=test, why=clean(one.why), output=tuple(map(clean, one.output)))


def _dockerfile(plan: Plan) -> str:
    """Returns the Dockerfile's path in the checkout; "" if there was no build or it is outside."""
    if plan.build.image or plan.build.remote:
        return ""
    try:
        return plan.build.dockerfile.resolve().relative_to(plan.source.root.resolve()).as_posix()
    except ValueError:
        return ""


def clean_texts(content: Mapping[str, Any], clean: Callable[[str], str]) -> dict[str, Any]:
    """The same with every text cleaned, in tuples and iterators too, which are lists of JSON.

    Before it is JSON, whose escapes could hide a secret.
    """

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, (list, tuple)):
            return [cleaned(one) for one in value]
        if isinstance(value, Iterator):
            return map(cleaned, value)
        return {name: cleaned(one) for name, one in value.items()} if isinstance(value, dict) else value

    return {name: cleaned(value) for name, value in content.items()}
