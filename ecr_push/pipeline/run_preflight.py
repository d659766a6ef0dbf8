"""What could refuse the end of a run is asked at its beginning, of all at once, while the build begins."""

from __future__ import annotations

from ecr_push.base import background
from ecr_push.builder.interface import Builders
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destinations import Destinations
from ecr_push.pipeline.early_build import EarlyBuild
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import (
    PendingAnswers,
    Preflight,
    ask_for_tags,
    check_registry,
    expects_build,
    locate,
)
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.refusals import Refusals
from ecr_push.pipeline.reuse import with_found_tags, without_other_platform
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.registry.options import target_of
from ecr_push.release.git_tag import check_release
from ecr_push.release.lock import PromotionLock
from ecr_push.settings.declare import Settings

Opened = tuple[RepositoryClient, PromotionLock]


def open_repository(settings: Settings, tools: Tools) -> Opened:
    """The repository that the settings name, and its lock."""
    target = target_of(settings.registry)
    return tools.open_repository(target), tools.open_lock(target)


def run_preflight(
    plan: Plan,
    client: Reader,
    answers: PendingAnswers,
    record: Record,
    builders: Builders,
    others: Destinations,
    build: EarlyBuild | None = None,
    *,
    runs_image: bool = False,
) -> Preflight:
    """Asks everything that could refuse the run's end, while build begins if it is likely to be needed."""
    with record.phase("registry"):
        git_tag = background.start(lambda: check_release(plan.source, plan.version), "look up git tag")
        tagged = ask_for_tags(plan, client, record.timed)
        if build:
            if not plan.build.platforms and not plan.build.is_built_elsewhere:
                builders.default_platform(plan.build)  # asked beside the registry
            if expects_build(plan, answers, tagged):
                build.begin(locate(plan, answers, client))
        refusals = Refusals()
        preflight: Preflight | None = None
        with refusals.kept():
            preflight = check_registry(plan, client, answers, tagged)
            preflight = without_other_platform(plan, preflight, client, builders)
        with refusals.kept():
            others.check(plan, preflight)
        with refusals.kept():
            is_there = preflight is not None and preflight.reuse is not None
            builders.check(None if is_there else plan.build, runs_image=runs_image)
        with refusals.kept():
            git_tag.result()
        refusals.end()
        assert preflight  # noqa: S101 - otherwise there was an error
        record.note(plan=with_found_tags(plan, preflight), preflight=preflight)
    return preflight
