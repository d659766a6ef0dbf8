"""`--gate-in`: an image for ECR Public is judged in a private repository, and then copied by its digest."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.reference import has_registry, parse_repository
from ecr_push.registry.destination import Destination
from ecr_push.settings.checks.check import Contradiction
from ecr_push.settings.declare import Settings, changed


def through_gate(settings: Settings) -> Settings:
    """The run as it is meant: in the private repository, with the public one as a destination.

    So the public one gets nothing, not even layers, before the image is accepted.
    """
    registry = settings.registry
    if not registry.gate_in or not registry.repository:
        return settings
    public = Destination(repository=registry.repository)
    return changed(settings, repository=registry.gate_in, to=(public, *registry.to), gate_in="")


def gate_problems(settings: Settings) -> Iterable[Contradiction]:
    """What is wrong with the gate itself."""
    registry = settings.registry
    if not registry.gate_in:
        return
    if registry.repository and not _is_public(registry.repository):
        expected = f"expected --repository public.ecr.aws/ALIAS/NAME, not {registry.repository}"
        yield "gate_in", f"is for ECR Public: {expected}; a private repository is scanned itself"
    if _is_public(registry.gate_in):
        yield "gate_in", "names ECR Public, which has no scanning: expected a private repository"


def _is_public(repository: str) -> bool:
    return has_registry(repository) and parse_repository(repository).registry.kind == "public"
