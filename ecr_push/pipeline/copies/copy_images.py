"""The story of `ecr-push copy` and `mirror`: what is meant, what each destination lacks, then the tags.

Destinations are asked before anything changes. Each one gets layers, manifests and what is attached to them,
and its tags when all of that is there. One that fails does not hold up another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from threading import Event

from ecr_push.base import background
from ecr_push.base.errors import ConflictError, EcrPushError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.judging import CopyJudge
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.pipeline.copies.one_copy import Copy
from ecr_push.pipeline.copies.target import Target, Terms
from ecr_push.pipeline.copy_result import CopyResult
from ecr_push.registry.copy.pace import Paces
from ecr_push.registry.options import target_of
from ecr_push.release.mutability import wanted_repository
from ecr_push.settings.declare import Settings
from ecr_push.versions.schemes.choice import parse_scheme

JOBS_AT_ONCE = 4


class Copied:
    """What has become of each job in each destination so far."""

    def __init__(self) -> None:
        self.targets: list[Target] = []

    @property
    def results(self) -> tuple[CopyResult, ...]:
        return tuple(one.result for one in self.targets)

    @property
    def errors(self) -> Mapping[str, EcrPushError]:
        """The error of each that is required and failed, by its name."""
        return {
            f"{one.job.place or one.result.source} -> {one.result.destination}": one.error
            for one in self.targets
            if one.error and one.result.required
        }


def copy_images(
    jobs: Sequence[CopyJob],
    settings: Settings,
    tools: Tools,
    copied: Copied,
    *,
    judge: bool = False,
    all_checked: bool = True,
) -> None:
    """Copies what the jobs mean. judge: each image is judged where it goes, before its tags are set.

    copied: is given what becomes of them, so that it is known wherever it stops.
    all_checked: nothing is changed anywhere if a required destination could not get its tags.

    Raises SettingsError for a policy that cannot be read. What else goes wrong is in the results.
    """
    scheme = parse_scheme(settings.versions.version_scheme)
    options = settings.registry
    wanted = wanted_repository(settings.tags.floating_tags, options.kms_key)
    kms_in = target_of(options) if options.kms_key else None
    terms = Terms(scheme, settings.run.dry_run, wanted if options.create_repository else None, kms_in)
    judging = CopyJudge(settings, tools) if judge else None
    paces = Paces(tools.clock)
    stop = Event()
    copies: list[Copy] = []
    for job in jobs:
        number = len(copied.targets) + 1
        copies.append(Copy(job, settings, terms, tools, paces, stop, judging, number))
        copied.targets += copies[-1].targets
    with _stopping(stop):
        tools.narrator.phase("source")
        background.all_of([one.find for one in copies], "find images", JOBS_AT_ONCE)
        _check_distinct(copies)
        tools.narrator.phase("registry")
        background.all_of([one.check for one in copies], "check destinations", JOBS_AT_ONCE)
        failed = [target for one in copies for target in one.targets if target.error]
        if all_checked and any(target.result.required for target in failed):
            return
        if settings.run.dry_run:
            for target in (target for one in copies for target in one.left):
                target.foresee()
            return
        tools.narrator.phase("copy")
        background.all_of([one.give for one in copies], "copy images", JOBS_AT_ONCE)


def _check_distinct(copies: Sequence[Copy]) -> None:
    """Two jobs may mean the same tag of one repository, which only its URI shows."""
    seen: dict[tuple[Repository, Tag], tuple[Digest, Copy]] = {}
    for copy in copies:
        for target in copy.left:
            for tag, digest in copy.wanted.items():
                other, by = seen.setdefault((target.repository, tag), (digest, copy))
                if other != digest:
                    error = ConflictError(
                        f"{tag} is to point to {other.short} of {by.job.source}, and to {digest.short}",
                        remedy="give one of them another tag, or another repository",
                    )
                    target.fail(error, "registry")
                    break


@contextlib.contextmanager
def _stopping(stop: Event) -> Iterator[None]:
    try:
        yield
    finally:
        stop.set()
