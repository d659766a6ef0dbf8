"""The image that an earlier run built from this commit, and whether this run would build the same.

Its labels say what was asked for. Where no platform was asked for, the builder decided, and its own platform
is in a label: that of the image itself may be what the Dockerfile or the base image decided everywhere.
"""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.errors import ConflictError
from ecr_push.base.reference import Digest
from ecr_push.builder.interface import Builders
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import BUILDER_PLATFORM_LABEL


def without_other_platform(plan: Plan, preflight: Preflight, client: Reader, builders: Builders) -> Preflight:
    """preflight, without an image to reuse that was built by a builder for another platform than this one.

    Raises ConflictError if a tag that never moves names that image. What is not known is not held against it.
    """
    reuse = preflight.reuse
    if reuse is None or plan.build.platforms or plan.build.is_built_elsewhere:
        return preflight
    ours = builders.default_platform(plan.build).result()
    theirs = client.labels(client.manifest(reuse)).get(BUILDER_PLATFORM_LABEL, "")
    if not ours or not theirs or theirs == ours:
        return preflight
    taken = [
        tag.tag for tag in preflight.moves.tags if tag.protected and not tag.may_be_taken and not tag.replaces
    ]
    if taken:
        raise _conflict(", ".join(map(str, taken)), reuse, theirs, ours)
    return replace(preflight, moves=replace(preflight.moves, reuse=None))


def with_found_tags(plan: Plan, preflight: Preflight) -> Plan:
    """plan with the tags of another build of its commit, where the first build has the commit's own."""
    again = any(tag.kind is TagKind.REBUILD for tag in preflight.moves.tags)
    return replace(plan, tags=preflight.moves.tags) if again else plan


def _conflict(tags: str, digest: Digest, theirs: str, ours: str) -> ConflictError:
    return ConflictError(
        f"taken by another image: {tags} ({digest.short})",
        why=f"it was built from this commit by a builder for {theirs}, and this builder builds for {ours}",
        remedy="push one image for all of them: with --platform on one machine, or in parts, by "
        "`ecr-push build` on each and `ecr-push run --part` after them",
    )


def find_reusable(preflight: Preflight, client: Reader, tools: Tools) -> PushedImage | None:
    """The image that an earlier run built from this commit and released; None if there is none."""
    if preflight.reuse is None:
        if again := next((tag for tag in preflight.moves.tags if tag.kind is TagKind.REBUILD), None):
            tools.narrator.say(
                f"a base image has moved since this commit was built: it is built again, as {again}"
            )
        return None
    tools.narrator.say(
        f"{preflight.reuse.short} was already built from this commit, and released: judging it again"
    )
    return describe_pushed(
        preflight.repository, client.manifest(preflight.reuse), client.manifest, reused=True
    )
