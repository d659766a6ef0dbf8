"""What the report of a run without a release has to know besides: where the floating tags point, and which
steps of the Dockerfile made the layers with findings. Asked for when the run is over; raises nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.pipeline.record import Record
from ecr_push.registry.interface import Reader
from ecr_push.release.images import name_among
from ecr_push.release.rollback import Named
from ecr_push.versions.schemes.scheme import Scheme

_LOOKED_AT = 20  # tags
_PLATFORMS = 4  # two calls each
_UNASKED = (RegistryError.kind, AuthenticationError.kind, "interrupted")
# How builders write a step in the history: BuildKit names the build arguments of a RUN with their values,
# which are not shown.
_ARGUMENTS = lazy_regex(r"^RUN \|\d+ (?:.*?(?=/bin/sh -c )|.*$)")
_SHELL = lazy_regex(r"^(RUN )?/bin/sh -c (?:#\(nop\) +)?")


def note_unreleased(client: Reader, record: Record) -> None:
    """Notes both."""
    note_tags_now(client, record)
    note_layer_steps(client, record)


def note_tags_now(client: Reader, record: Record) -> None:
    """Notes where they point. It is asked now, as other pipelines may have released since the run began.

    Where that is not answered, or the registry or a signal is why the run failed, what was known before the
    build stands in for it, without names.
    """
    outcome = record.outcome
    plan, preflight, failure = outcome.plan, outcome.preflight, outcome.failure
    if plan is None or outcome.may_have_moved:
        return
    tags = [tag.tag for tag in plan.tags if not tag.protected][:_LOOKED_AT]
    now: Mapping[Tag, Named] | None = None
    if preflight:
        now = {tag: Named(digest, "") for tag, digest in preflight.points_to.items()}
    is_there = preflight is None or preflight.state is not None  # a missing repository is not asked
    if is_there and (failure is None or failure.kind not in _UNASKED):
        with contextlib.suppress(EcrPushError):
            now = _ask(client, tags, plan.version.scheme)
    if now is not None:
        record.note(tags_now=tuple((tag, now.get(tag)) for tag in tags))


def _ask(client: Reader, tags: Sequence[Tag], scheme: Scheme) -> Mapping[Tag, Named]:
    """One call for all tags, and one for each image that they name."""
    digests = client.digests(tags)
    names = {digest: _name(client, digest, scheme) for digest in set(digests.values())}
    return {tag: Named(digest, names[digest]) for tag, digest in digests.items()}


def _name(client: Reader, digest: Digest, scheme: Scheme) -> str:
    return name_among((tag.name for tag in client.tags_of(digest)), scheme)


def note_layer_steps(client: Reader, record: Record) -> None:
    """Notes, by the digest of a layer, the step that made it, where the scan names layers."""
    outcome = record.outcome
    if outcome.failure or outcome.pushed is None or outcome.verdict is None:
        return
    broken = (package for rule in outcome.verdict.broken for one in rule.findings for package in one.packages)
    if not any(package.layer for package in broken):
        return
    found: dict[str, str] = {}
    for image in outcome.pushed.images[:_PLATFORMS]:
        with contextlib.suppress(EcrPushError):  # an odd one
            manifest = client.manifest(image.digest)
            found |= zip(manifest.layers, map(step_of, client.steps(manifest)), strict=False)
    record.note(layer_steps=found)


def step_of(created_by: str) -> str:
    """`RUN |1 A=b /bin/sh -c make # buildkit` -> `RUN make`."""
    text = _ARGUMENTS.sub("RUN ", created_by.removesuffix(" # buildkit"))
    return " ".join(_SHELL.sub(lambda found: found[1] or "", text).split())
