"""The story of `ecr-push scan` and `promote`: waits for, judges and promotes an image that is in ECR."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.fences import Fences
from ecr_push.base.log import Narrator
from ecr_push.base.reference import ImageName, Tag
from ecr_push.pipeline.attest_and_sign import About, attest_and_sign
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destinations import Destinations
from ecr_push.pipeline.fitness import check_pushed
from ecr_push.pipeline.named_image import find_image, locate
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import plan_scan_for
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.refusals import Refusals
from ecr_push.pipeline.scan_and_judge import scan_and_judge
from ecr_push.pipeline.sign import ask_for_signer, await_signature_of_ecr, foresee_signature, signing
from ecr_push.pipeline.turn import turn
from ecr_push.policy.load import load_policy
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Reader, WantedRepository
from ecr_push.registry.oci import Manifest
from ecr_push.release.lock import NO_LOCK
from ecr_push.release.moves import TagMoves
from ecr_push.release.mutability import wanted_repository
from ecr_push.release.promote import promote
from ecr_push.settings.declare import Settings
from ecr_push.tags.kinds import ReleaseTag, classify
from ecr_push.tags.labels import COMMIT_LABEL, VERSION_LABEL
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Scheme


def judge_image(
    image: ImageName, tags: Sequence[str], settings: Settings, tools: Tools, record: Record
) -> Outcome:
    """Judges image and, if it is accepted, points the tags to it.

    Raises SettingsError for impossible tags, RegistryError if the image does not exist or a tag is taken,
    ScanError if its scan gives no answer.
    """
    record.note_run(repository=image.name)
    find_signer = ask_for_signer(settings, tools, record)
    refusals = Refusals()
    with record.phase("plan"):
        scheme = parse_scheme(settings.versions.version_scheme)
        with refusals.kept():
            classify(tags, "", scheme)  # an impossible tag is an error before anything is asked
        with refusals.kept():
            policy = load_policy(settings.policy, tools.read_object, Fences.of(settings.source.context))
        with refusals.kept():
            find_signer()
        refusals.end()
        signer = foresee_signature(find_signer(), tools, record)
    target = locate(image, settings.registry)
    client, lock = tools.open_repository(target), tools.open_lock(target) if tags else NO_LOCK
    others = Destinations(settings.registry.to, target, tools, record, lock)
    dry = settings.run.dry_run
    with record.phase("registry"):
        scanning = background.start(client.scanning, "read scanning configuration")
        state, digest = find_image(image, client)
        repository = state.repository
        manifest = client.manifest(digest)
        pushed = describe_pushed(repository, manifest, client.manifest, reused=True)
        record.note(pushed=pushed, size=manifest.layer_bytes)
        lock.check(repository)  # before the wait for the scan
        tools.narrator.say(f"{image.name} is {pushed.reference}")
        if settings.registry.to:
            release_tags = _release_tags(tags, manifest, client, scheme)
            others.check_promotion(release_tags, digest, repository, _wanted(settings))
    if dry:
        others.foresee()
    check_pushed(settings.profile.deploy_for, lambda: manifest, client, tools, record)
    plan = plan_scan_for(policy, settings.scan)
    fences = Fences.of(settings.source.context)
    read = background.start(lambda: manifest, "read manifest")
    with contextlib.nullcontext() if dry else others.sending(pushed, read, client):
        verdict = scan_and_judge(pushed, client, scanning, plan, policy, tools, record, fences)
    if not verdict.releases:
        from ecr_push.pipeline.unreleased import note_layer_steps

        note_layer_steps(client, record)
        others.stop()
    if verdict.releases and tags:
        await_signature_of_ecr(settings, pushed, client, tools, record)()
        find = partial(tools.find_builders, tools.environ)
        with signing(signer, pushed, client, find, tools, record, dry_run=dry) as session:
            about = partial(_about, manifest, client)
            attest_and_sign(settings, policy, about, lambda: manifest, client, session, tools, record)
            if not dry:
                others.give(manifest, repository, client)
                tools.note_release([Tag(one) for one in tags], record.outcome, record.phase)
        with turn(lock, repository, digest, record) as still_held:
            with record.phase("registry"):
                moves = TagMoves(_release_tags(tags, manifest, client, scheme), state=state)
            with record.phase("promote"):
                promoted = promote(moves, manifest, client, record, tools.narrator, tools.clock, still_held)
        if not dry:
            others.promote(manifest)
        for tag in promoted:
            if tag.result == "kept":
                _say_how_to_move(tag.tag, pushed, tools.narrator)
        if settings.release.wait_replication and not dry:
            from ecr_push.pipeline.replication import await_replication

            await_replication(target, digest, client, settings, tools, record)
    return record.outcome


def _release_tags(
    tags: Sequence[str], manifest: Manifest, client: Reader, scheme: Scheme
) -> tuple[ReleaseTag, ...]:
    """The tags with their kinds. The image's label says its version, for those that float on one."""
    version = client.labels(manifest).get(VERSION_LABEL, "").partition("+")[0]
    return tuple(classify(tags, version, scheme))


def _wanted(settings: Settings) -> WantedRepository | None:
    """As which a missing destination is created; None if none is to be."""
    options = settings.registry
    if not options.create_repository:
        return None
    return wanted_repository(settings.tags.floating_tags, options.kms_key)


def _about(manifest: Manifest, client: Reader) -> About:
    labels = client.labels(manifest)
    return About(labels.get(COMMIT_LABEL, ""), labels.get(VERSION_LABEL, ""))


def _say_how_to_move(tag: Tag, pushed: PushedImage, narrator: Narrator) -> None:
    """`promote` moves a floating tag forward only; moving it back is another command."""
    command = f"ecr-push rollback {tag} --to {pushed.digest} --repository {pushed.repository.uri}"
    narrator.say(f"  to move {tag} back to this image: {command}")
