"""Settings that are valid each by itself -> what does not go together.

A check is left out where an option that it reads is invalid: what that was meant to be is not known, and its
default proves nothing, not even that it is missing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from ecr_push.settings import declare as declared
from ecr_push.settings.checks import build, cache, destination, registry, reports, verify, versions
from ecr_push.settings.checks.attestations import attestations_of_a_build
from ecr_push.settings.checks.check import Check, Contradiction, options_of
from ecr_push.settings.checks.deploy import what_runs_the_image
from ecr_push.settings.checks.image_tests import tests_of_an_image
from ecr_push.settings.checks.images import images_of_a_run
from ecr_push.settings.checks.other_repositories import destinations_of_a_run
from ecr_push.settings.checks.sbom import sboms_of_an_image
from ecr_push.settings.checks.signature import signature_of_an_image
from ecr_push.settings.declare import Settings

_CHECKS: tuple[Check, ...] = (
    images_of_a_run,
    *registry.CHECKS,
    destinations_of_a_run,
    *build.CHECKS,
    *destination.CHECKS,
    cache.cache_of_a_build,
    tests_of_an_image,
    attestations_of_a_build,
    signature_of_an_image,
    sboms_of_an_image,
    *verify.CHECKS,
    what_runs_the_image,
    *versions.CHECKS,
    *reports.CHECKS,
)


def contradictions(
    settings: Settings, invalid: Container[str], command: str, needs_repository: bool = True
) -> Iterable[Contradiction]:
    """What does not go together. A check may also read command and needs_repository, as it reads options."""
    call = {"command": command, "needs_repository": needs_repository}
    for check in _CHECKS:
        names = options_of(check)
        if not any(name in invalid for name in names):
            yield from check(
                *(call[name] if name in call else declared.value_of(settings, name) for name in names)
            )
