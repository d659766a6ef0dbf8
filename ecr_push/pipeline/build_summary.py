"""One line of a build: what would do it; or how long it took, what came from a cache, size and platform."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from ecr_push.base.errors import EcrPushError
from ecr_push.builder.interface import Builders
from ecr_push.builder.plan import BuildPlan
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.record import Record
from ecr_push.registry.oci import Manifest


def say_built(plan: Plan, builders: Builders, facts: CiFacts, tools: Tools, record: Record) -> None:
    """Says to a person what a build took, while its phase lasts; a CI's log has the phases' times, and the
    builder's own lines. The size, which the registry tells later, is in the report."""
    took = [span.seconds for span in record.outcome.timeline if span.what == "build" and not span.waited]
    if facts.unattended or not took or plan.build.is_built_elsewhere:
        return
    with contextlib.suppress(EcrPushError):  # reported where the platform is needed
        tools.narrator.say(summary(sum(took), record.outcome.steps, _platforms(plan, builders)))


def note_size(plan: Plan, read: Callable[[], Manifest], builders: Builders, record: Record) -> None:
    """Notes size and platform of the image.

    read: the manifest of what was pushed. Raises nothing.
    """
    with contextlib.suppress(EcrPushError):  # reported where the platform or the manifest is needed
        manifest = read()
        record.note(size=manifest.layer_bytes)
        if not plan.build.is_built_elsewhere and not manifest.is_index:
            record.note(platform=_platforms(plan, builders)[0])


def _platforms(plan: Plan, builders: Builders) -> tuple[str, ...]:
    return plan.build.platforms or (builders.default_platform(plan.build).result(),)


def foresee_builder(plan: BuildPlan, builders: Builders, record: Record) -> None:
    """Notes what would build the plan. Raises SettingsError for a BUILDKIT_HOST that is not an address."""
    if not plan.is_built_elsewhere:
        record.note(builder=builders.planned(plan))


def summary(seconds: float, steps: tuple[int, int], platforms: tuple[str, ...]) -> str:
    """Such as `built in 9.4 s, 3 of 8 steps cached, linux/amd64`; without what is not known.

    steps: how many there were, and how many of them came from a cache.
    """
    all_steps, cached = steps
    parts = (
        f"built in {seconds:.1f} s",
        f"{cached} of {all_steps} steps cached" if all_steps else "",
        *platforms,
    )
    return ", ".join(filter(None, parts))
