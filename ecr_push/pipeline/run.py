"""The story: from a commit to a judged image, readable on one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.fences import Fences
from ecr_push.base.log import OnceNarrator
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.attest_and_sign import About, attest_and_sign
from ecr_push.pipeline.attestations import check_attested
from ecr_push.pipeline.build_and_push import build_and_push, push_index
from ecr_push.pipeline.build_cache import CacheRepository
from ecr_push.pipeline.build_summary import foresee_builder, note_size, say_built
from ecr_push.pipeline.candidate_tests import CandidateTests, candidate_tests
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destinations import Destinations
from ecr_push.pipeline.early_build import EarlyBuild, early_build
from ecr_push.pipeline.early_source import ReadSource
from ecr_push.pipeline.fitness import check_compression, check_pushed
from ecr_push.pipeline.image_test import pending_tests, tag_to_test
from ecr_push.pipeline.lifecycle_warning import ask_for_lifecycle
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight, ask_registry
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.reuse import find_reusable
from ecr_push.pipeline.run_preflight import Opened, open_repository, run_preflight
from ecr_push.pipeline.scan_and_judge import scan_and_judge
from ecr_push.pipeline.sign import ask_for_signer, await_signature_of_ecr, foresee_signature, signing
from ecr_push.pipeline.turn import turn
from ecr_push.policy.comparison_read import foresee_baseline
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.registry.layout_files import is_layout
from ecr_push.registry.options import target_of
from ecr_push.release import candidate
from ecr_push.release.claims import to_be_claimed
from ecr_push.release.early_look import EarlyLook
from ecr_push.release.git_tag import release
from ecr_push.release.lock import PromotionLock
from ecr_push.release.lost import LostError
from ecr_push.release.moves import Look, TagMoves
from ecr_push.release.promote import promote
from ecr_push.settings.declare import Settings


def run(
    settings: Settings, facts: CiFacts, tools: Tools, record: Record, read: ReadSource | None = None
) -> Outcome:
    """Builds, pushes, scans, judges, promotes. read: see `prepare`.

    Where another pipeline was faster to release an image of the same commit, that image is found, judged and
    given the rest of the tags, as by a second run: those of a branch and of a git tag often start together.

    Raises EcrPushError or Interrupted; record has the rest.
    """
    narrator = OnceNarrator(tools.narrator)
    tools = replace(tools, narrator=narrator)
    opened = open_repository(settings, tools)
    try:
        with record.settled():
            try:
                _run(opened, settings, facts, tools, record, read)
            except LostError as lost:
                if not lost.same_commit:
                    raise
                narrator.say(f"{lost.what}: going on with that image, which is of this commit")
                narrator.begin_again()
                record.begin_again()
                _run(opened, settings, facts, tools, record, read)
    finally:
        if record.outcome.exit_code:
            from ecr_push.pipeline.unreleased import note_unreleased

            note_unreleased(opened[0], record)
    return record.outcome


def _run(
    opened: Opened, settings: Settings, facts: CiFacts, tools: Tools, record: Record, read: ReadSource | None
) -> None:
    client, lock = opened
    answers = ask_registry(client, lock, record.timed)  # login, repository, scanning mode: while git is read
    others = Destinations(settings.registry.to, target_of(settings.registry), tools, record, lock)
    cache = CacheRepository.asked(settings, tools, record.timed)
    builders = tools.find_builders(tools.environ)
    find_signer = ask_for_signer(settings, tools, record)
    plan = prepare(settings, facts, tools, record, find_signer, read=read)
    signer = foresee_signature(find_signer(), tools, record)
    record.note(tests=pending_tests(settings.image_tests))
    tell_built = partial(say_built, plan, builders, facts, tools, record)
    with early_build(plan, client, builders, tools, record.timed) as build:  # beside the registry's answers
        in_image = bool(settings.image_tests.tests_in_image)
        preflight = run_preflight(plan, client, answers, record, builders, others, build, runs_image=in_image)
        pushed = find_reusable(preflight, client, tools) or _push_candidate(
            *(build, plan, preflight, client, tools, record, cache, tell_built)
        )
    record.note(pushed=pushed, candidate=None if pushed.reused else plan.candidate)
    manifest = background.start(
        record.timed("manifest", lambda: client.manifest(pushed.digest)), "read manifest"
    )
    record.start(partial(note_size, plan, manifest.result, builders, record), "note size")
    signed_by_ecr = await_signature_of_ecr(settings, pushed, client, tools, record)
    warn_of_lifecycle = ask_for_lifecycle(plan.tags, client, tools)
    tag = tag_to_test(pushed, plan.candidate, preflight.points_to)
    with (
        candidate_tests(settings.image_tests, pushed, tag, client, builders, tools, record) as tests,
        others.sending(pushed, manifest, client),
    ):
        check_pushed(plan.deploy_for, manifest.result, client, tools, record)
        check_attested(plan.build.attestations, pushed, manifest.result, client, tools, record)
        check_compression(plan.build.compression, manifest.result, client, tools, record)
        early = _look_early(preflight.moves, client, lock, tools, record)
        is_to_be_released = _judge(plan, preflight, pushed, client, tools, record, tests)
    if is_to_be_released:
        with (
            _knowing_the_candidate(pushed, client, record),
            signing(signer, pushed, client, lambda: builders, tools, record) as session,
        ):
            signed_by_ecr()
            about = partial(About, plan.source.commit, plan.version.text)
            attest_and_sign(settings, plan.policy, about, manifest.result, client, session, tools, record)
            others.give(manifest.result(), pushed.repository, client)
            tools.note_release([one.tag for one in preflight.moves.tags], record.outcome, record.phase)
        with (
            _knowing_the_candidate(pushed, client, record),
            turn(lock, preflight.locked, pushed.digest, record) as still_held,
            record.phase("promote"),
        ):
            image = manifest.result()
            promote(preflight.moves, image, client, record, tools.narrator, tools.clock, still_held, early)
        warn_of_lifecycle()
        others.promote(image)
        if plan.version.new_git_tag:
            with record.phase("release"):
                record.note(git_tag=release(plan.source, plan.version, pushed.reference, tools.narrator))
        if settings.release.wait_replication:
            from ecr_push.pipeline.replication import await_replication

            await_replication(target_of(settings.registry), pushed.digest, client, settings, tools, record)
    others.stop()


def _push_candidate(
    build: EarlyBuild,
    plan: Plan,
    preflight: Preflight,
    client: RepositoryClient,
    tools: Tools,
    record: Record,
    cache: CacheRepository | None,
    tell_built: Callable[[], None],
) -> PushedImage:
    if preflight.index:
        return push_index(preflight.index, plan, preflight.repository, client, tools, record)
    if is_layout(plan.build.image):
        from ecr_push.pipeline.push_layout import push_layout

        return push_layout(plan, preflight, client, tools, record)
    return build_and_push(build, plan, preflight, client, tools, record, cache, tell_built)


def _look_early(
    moves: TagMoves, client: Reader, lock: PromotionLock, tools: Tools, record: Record
) -> EarlyLook[Look] | None:
    """A look at the tags beside the scan; None where only one counts that follows a lock or a claim."""
    if lock.exists or to_be_claimed(moves.tags, moves.state):
        return None
    return EarlyLook.start(record.timed("tags", partial(moves.look, client)), tools.clock)


def dry_run(
    settings: Settings, facts: CiFacts, tools: Tools, record: Record, read: ReadSource | None = None
) -> tuple[Plan, Preflight]:
    """Does everything up to the build, reading only. Raises what `run` would raise so far."""
    client, lock = open_repository(settings, tools)
    answers = ask_registry(client, lock, record.timed)
    others = Destinations(settings.registry.to, target_of(settings.registry), tools, record, lock)
    cache = CacheRepository.asked(settings, tools, record.timed)
    find_signer = ask_for_signer(settings, tools, record)
    plan = prepare(settings, facts, tools, record, find_signer, read=read)
    foresee_signature(find_signer(), tools, record)
    record.note(tests=pending_tests(settings.image_tests))
    builders, in_image = tools.find_builders(tools.environ), bool(settings.image_tests.tests_in_image)
    found = run_preflight(plan, client, answers, record, builders, others, runs_image=in_image)
    others.foresee()
    if not found.reuse:
        foresee_builder(plan.build, builders, record)
        if cache:
            cache.foresee(plan)
    if doubt := foresee_baseline(plan.policy.baseline, client if found.state else None):
        tools.narrator.warn(doubt)
    return plan, found


def _judge(
    plan: Plan,
    preflight: Preflight,
    pushed: PushedImage,
    client: RepositoryClient,
    tools: Tools,
    record: Record,
    tests: CandidateTests,
) -> bool:
    """Whether the image is to be released: the policy accepts it, and its tests passed.

    If it stays a candidate, the record knows whether its tag is still there.
    """
    before = None
    if pushed.reused:
        from ecr_push.release.tag_history import tag_before

        before = partial(tag_before, client, plan.version.scheme)
    with _knowing_the_candidate(pushed, client, record):
        verdict = scan_and_judge(
            *(pushed, client, preflight.scanning, plan.scan, plan.policy, tools, record),
            Fences.of(plan.build.context),
            before=before,
            between=tests.wait,
        )
    is_to_be_released = verdict.releases and tests.passed
    if not is_to_be_released:
        _forget_lost_candidate(pushed, client, record)
    return is_to_be_released


@contextmanager
def _knowing_the_candidate(pushed: PushedImage, client: Reader, record: Record) -> Iterator[None]:
    """If it stops here, the record knows whether the candidate's tag is still there."""
    try:
        yield
    except EcrPushError:
        _forget_lost_candidate(pushed, client, record)
        raise


def _forget_lost_candidate(pushed: PushedImage, client: Reader, record: Record) -> None:
    """Clears the candidate if someone removed or moved its tag while the run waited."""
    kept = record.outcome.candidate
    if kept and candidate.is_lost(kept, pushed.digest, client):
        record.note(candidate=None)
