"""The story of `ecr-push scan` and `promote`: waits for, judges and promotes an image that is in ECR."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base import background
from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.reference import Digest, ImageName, Repository
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import plan_scan
from ecr_push.pipeline.run import Journal, Tools, judge_pushed
from ecr_push.policy.load import load_policy
from ecr_push.registry.image import describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.registry.target import Target, find_target
from ecr_push.release.promote import promote, retire_candidates
from ecr_push.settings.declare import Settings
from ecr_push.tags.kinds import classify
from ecr_push.tags.labels import VERSION_LABEL
from ecr_push.versions.schemes.choice import parse_scheme


def judge_image(
    image: ImageName, tags: Sequence[str], settings: Settings, tools: Tools, journal: Journal
) -> Outcome:
    """Judges image and, where it is accepted, points the tags to it.

    Raises SettingsError for impossible tags, RegistryError where the image is not there, ScanError
    where its scan gives no answer.
    """
    with journal.phase("plan"):
        scheme = parse_scheme(settings.version_scheme)
        classify(tags, "", scheme)  # an impossible tag is an error before anything is asked
        policy = load_policy(settings, tools.read_object)
    client = tools.open_repository(locate(image, settings))
    with journal.phase("registry"):
        scanning = background.start(client.scanning, "read scanning configuration")
        repository, digest = _find(image, client)
        manifest = client.manifest(digest)
        pushed = describe_pushed(repository, manifest, client.manifest, reused=True)
        journal.note(pushed=pushed)
        tools.narrator.say(f"{image.name} is {pushed.reference}")
    plan = plan_scan(settings, policy)
    verdict = judge_pushed(pushed, client, scanning, plan, policy, tools, journal)
    if verdict.accepted and tags:
        with journal.phase("promote"):
            version = client.labels(manifest).get(VERSION_LABEL, "").partition("+")[0]
            promote(
                classify(tags, version, scheme),
                manifest,
                client,
                tools.narrator,
                on_settled=journal.settled,
                once_named=lambda: journal.retired(retire_candidates(digest, client, tools.narrator)),
            )
    return journal.outcome


def locate(image: ImageName, settings: Settings) -> Target:
    """The repository that an image's name means: the host in it, where there is one, settles the rest."""
    if not image.host:
        return Target(image.name, region=settings.region, registry_id=settings.registry_id)
    return find_target(f"{image.host}/{image.name}", settings.region, settings.registry_id)


def _find(image: ImageName, client: Reader) -> tuple[Repository, Digest]:
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {image.name}", remedy="check the name, --region and --registry-id"
        )
    if image.digest:
        return state.repository, image.digest
    if image.tag is None:
        raise SettingsError(["IMAGE: neither a tag nor a digest"])
    found = client.digests([image.tag]).get(image.tag)
    if found is None:
        raise RegistryError(f"there is no image {state.repository.tagged(image.tag)}", remedy="check the tag")
    return state.repository, found
