"""A build's attestations: who built, and whether the pushed image has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ecr_push.base.errors import BuildError
from ecr_push.builder.attestations import Attestations
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest


def with_builder(plan: Plan, facts: CiFacts) -> Plan:
    """plan, whose provenance names the CI's run as the builder, as docker/build-push-action has it."""
    build = plan.build
    return replace(plan, build=replace(build, attestations=build.attestations.built_by(facts.run.url)))


def check_attested(
    wanted: Attestations,
    pushed: PushedImage,
    read: Callable[[], Manifest],
    client: Reader,
    tools: Tools,
    record: Record,
) -> None:
    """Raises BuildError if an image lacks what was asked for: no tag has moved then. Asks nothing otherwise.

    An old BuildKit makes none, and says nothing. Raises RegistryError for a manifest that cannot be read.
    """
    if not wanted or pushed.reused:
        return
    with record.phase("fit"):
        attestations = [one for one in read().children() if one.is_attestation]
        if len(attestations) < len(pushed.images):
            raise _missing(f"{len(pushed.images)} images have {len(attestations)} attestations")
        older: set[str] = set()
        for one in attestations:
            missing = list(wanted.missing_in(client.manifest(one.digest).predicates))
            if lacking := [what for what in missing if what.startswith("no ")]:
                raise _missing(f"{one.digest.short} has {' and '.join(lacking)}")
            older.update(missing)
        for what in sorted(older):
            tools.narrator.warn(f"the builder has written {what}: update BuildKit")


def _missing(why: str) -> BuildError:
    return BuildError(
        "the pushed image lacks attestations that were asked for",
        why=why,
        remedy="update BuildKit and docker's buildx plugin, or leave --provenance and --sbom out",
    )
