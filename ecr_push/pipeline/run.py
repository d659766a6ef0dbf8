"""The story: from a commit to a judged image, readable on one screen."""

from __future__ import annotations

from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.build_and_push import build_and_push, find_reusable
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import PendingAnswers, Preflight, ask_registry, check_registry
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.scan_and_judge import scan_and_judge
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.registry.target import target_of
from ecr_push.release import candidate
from ecr_push.release.git_tag import check_release, release
from ecr_push.release.promote import promote
from ecr_push.release.tag_history import tag_before
from ecr_push.settings.declare import Settings


def run(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Outcome:
    """Builds, pushes, scans, judges, promotes. Raises EcrPushError or Interrupted; record has the rest."""
    client = _open_repository(settings, tools)
    answers = ask_registry(client)  # login, repository, scanning mode: while git is read
    plan = prepare(settings, facts, tools, record)
    builders = tools.find_builders(tools.environ)
    preflight = _preflight(plan, client, answers, record)
    pushed = find_reusable(preflight, client, tools) or build_and_push(
        plan, preflight, client, builders, tools, record
    )
    record.note(pushed=pushed, candidate=None if pushed.reused else plan.candidate)
    manifest = background.start(lambda: client.manifest(pushed.digest), "read manifest")
    verdict = _judge(plan, preflight, pushed, client, tools, record)
    if verdict.accepted:
        with record.phase("promote"):
            image = manifest.result()
            promote(preflight.moves.to(image.digest, client), image, client, record, tools.narrator)
        if plan.version.new_git_tag:
            with record.phase("release"):
                record.note(git_tag=release(plan.source, plan.version, pushed.reference, tools.narrator))
    return record.outcome


def dry_run(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> tuple[Plan, Preflight]:
    """Does everything up to the build, reading only. Raises what `run` would raise so far."""
    client = _open_repository(settings, tools)
    answers = ask_registry(client)
    plan = prepare(settings, facts, tools, record)
    return plan, _preflight(plan, client, answers, record)


def _open_repository(settings: Settings, tools: Tools) -> RepositoryClient:
    """The repository that the settings name."""
    return tools.open_repository(target_of(settings.registry))


def _preflight(plan: Plan, client: Reader, answers: PendingAnswers, record: Record) -> Preflight:
    """Asks everything that could refuse the run's end before its beginning."""
    with record.phase("registry"):
        git_tag = background.start(lambda: check_release(plan.source, plan.version), "look up git tag")
        preflight = check_registry(plan, client, answers)
        git_tag.result()
        record.note(preflight=preflight)
    return preflight


def _judge(
    plan: Plan,
    preflight: Preflight,
    pushed: PushedImage,
    client: RepositoryClient,
    tools: Tools,
    record: Record,
) -> Verdict:
    """The verdict. If the image stays a candidate, the record knows whether its tag is still there."""
    before = partial(tag_before, client, plan.version.scheme) if pushed.reused else None
    try:
        verdict = scan_and_judge(
            pushed, client, preflight.scanning, plan.scan, plan.policy, tools, record, before=before
        )
    except EcrPushError:
        _forget_lost_candidate(pushed, client, record)
        raise
    if not verdict.accepted:
        _forget_lost_candidate(pushed, client, record)
    return verdict


def _forget_lost_candidate(pushed: PushedImage, client: Reader, record: Record) -> None:
    """Clears the candidate if someone removed or moved its tag while the run waited."""
    kept = record.outcome.candidate
    if kept and candidate.is_lost(kept, pushed.digest, client):
        record.note(candidate=None)
