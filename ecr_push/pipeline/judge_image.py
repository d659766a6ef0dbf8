"""The story of `ecr-push scan` and `promote`: waits for, judges and promotes an image that is in ECR."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.fences import Fences
from ecr_push.base.log import Narrator
from ecr_push.base.reference import ImageName, Tag
from ecr_push.pipeline.attest_sbom import attest_sboms
from ecr_push.pipeline.attest_verdict import attest_verdict
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.fitness import check_pushed
from ecr_push.pipeline.named_image import find_image, locate
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import plan_scan_for
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.scan_and_judge import scan_and_judge
from ecr_push.pipeline.sign import ask_for_signer, await_signature_of_ecr, sign, signing
from ecr_push.pipeline.turn import turn
from ecr_push.policy.load import load_policy
from ecr_push.policy.model import Policy
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.release.lock import NO_LOCK
from ecr_push.release.moves import TagMoves
from ecr_push.release.promote import promote
from ecr_push.settings.declare import Settings
from ecr_push.signing.session import SigningSession
from ecr_push.tags.kinds import classify
from ecr_push.tags.labels import COMMIT_LABEL, VERSION_LABEL
from ecr_push.versions.schemes.choice import parse_scheme


def judge_image(
    image: ImageName, tags: Sequence[str], settings: Settings, tools: Tools, record: Record
) -> Outcome:
    """Judges image and, if it is accepted, points the tags to it.

    Raises SettingsError for impossible tags, RegistryError if the image does not exist or a tag is taken,
    ScanError if its scan gives no answer.
    """
    find_signer = ask_for_signer(settings, tools, record)
    with record.phase("plan"):
        scheme = parse_scheme(settings.versions.version_scheme)
        classify(tags, "", scheme)  # an impossible tag is an error before anything is asked
        policy = load_policy(settings.policy, tools.read_object, Fences.of(settings.source.context))
    signer = find_signer()
    target = locate(image, settings.registry)
    client, lock = tools.open_repository(target), tools.open_lock(target) if tags else NO_LOCK
    with record.phase("registry"):
        scanning = background.start(client.scanning, "read scanning configuration")
        state, digest = find_image(image, client)
        repository = state.repository
        manifest = client.manifest(digest)
        pushed = describe_pushed(repository, manifest, client.manifest, reused=True)
        record.note(pushed=pushed)
        lock.check(repository)  # before the wait for the scan
        tools.narrator.say(f"{image.name} is {pushed.reference}")
    check_pushed(settings.profile.deploy_for, lambda: manifest, client, tools, record)
    plan = plan_scan_for(policy, settings.scan)
    fences = Fences.of(settings.source.context)
    verdict = scan_and_judge(pushed, client, scanning, plan, policy, tools, record, fences)
    if verdict.releases and tags:
        await_signature_of_ecr(settings, pushed, client, tools, record)()
        find, dry = partial(tools.find_builders, tools.environ), settings.run.dry_run
        with signing(signer, pushed, client, find, tools, record, dry_run=dry) as session:
            if settings.release.attest_verdict:
                _attest(policy, manifest, client, session, tools, record)
            sboms = settings.release.attest_sbom
            attest_sboms(sboms, fences, lambda: manifest, client, session, tools, record)
            sign(session, record)
        with turn(lock, repository, digest, record) as still_held:
            with record.phase("registry"):
                version = client.labels(manifest).get(VERSION_LABEL, "").partition("+")[0]
                moves = TagMoves(tuple(classify(tags, version, scheme)), state=state)
            with record.phase("promote"):
                promoted = promote(moves, manifest, client, record, tools.narrator, tools.clock, still_held)
        for tag in promoted:
            if tag.result == "kept":
                _say_how_to_move(tag.tag, pushed, tools.narrator)
    return record.outcome


def _attest(
    policy: Policy,
    manifest: Manifest,
    client: RepositoryClient,
    session: SigningSession | None,
    tools: Tools,
    record: Record,
) -> None:
    """The image's own labels say which commit and version it is of."""
    labels = client.labels(manifest)
    about = {"commit": labels.get(COMMIT_LABEL, ""), "version": labels.get(VERSION_LABEL, "")}
    attest_verdict(policy, lambda: manifest, client, session, tools, record, **about)


def _say_how_to_move(tag: Tag, pushed: PushedImage, narrator: Narrator) -> None:
    """`promote` moves a floating tag forward only; moving it back is another command."""
    command = f"ecr-push rollback {tag} --to {pushed.digest} --repository {pushed.repository.uri}"
    narrator.say(f"  to move {tag} back to this image: {command}")
