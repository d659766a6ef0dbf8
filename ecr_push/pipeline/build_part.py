"""The story of `ecr-push build`: a part of an image, which a run joins to others."""

from __future__ import annotations

from functools import partial

from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.attestations import check_attested
from ecr_push.pipeline.build_and_push import build_and_push
from ecr_push.pipeline.build_cache import CacheRepository
from ecr_push.pipeline.build_summary import say_built
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destinations import Destinations
from ecr_push.pipeline.early_build import early_build
from ecr_push.pipeline.early_source import ReadSource
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import as_part
from ecr_push.pipeline.preflight import ask_registry
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.run_preflight import open_repository, run_preflight
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings


def build_part(
    settings: Settings, facts: CiFacts, tools: Tools, record: Record, read: ReadSource | None = None
) -> Outcome:
    """Builds and pushes a candidate that `run` will join to others. Nothing is scanned, and no tag moves.

    read: see `prepare`. Raises EcrPushError or Interrupted; record has the rest.
    """
    client, _ = open_repository(settings, tools)
    answers = ask_registry(client, timed=record.timed)
    others = Destinations((), target_of(settings.registry), tools, record)  # of the run that joins
    cache = CacheRepository.asked(settings, tools, record.timed)
    builders = tools.find_builders(tools.environ)
    # The release tags are the index's: whether it can get them is asked by the run that joins.
    plan = as_part(prepare(settings, facts, tools, record, read=read))
    record.note(plan=plan)
    with early_build(plan, client, builders, tools, record.timed) as build:
        preflight = run_preflight(plan, client, answers, record, builders, others, build)
        tell_built = partial(say_built, plan, builders, facts, tools, record)
        pushed = build_and_push(build, plan, preflight, client, tools, record, cache, tell_built)
    record.note(pushed=pushed, candidate=plan.candidate, is_part=True)
    check_attested(
        plan.build.attestations, pushed, lambda: client.manifest(pushed.digest), client, tools, record
    )
    return record.outcome
