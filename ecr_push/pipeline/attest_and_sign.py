"""What is attached to an accepted image before its tags move: its verdict, its SBOMs, its signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.sign import sign
from ecr_push.policy.model import Policy
from ecr_push.registry.interface import Writer
from ecr_push.registry.oci import Manifest
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:  # a run that signs nothing loads nothing of it
    from ecr_push.signing.session import SigningSession


@dataclass(frozen=True)
class About:
    """Which commit and version an image is of; each may be "", where an image does not say it."""

    commit: str
    version: str


def attest_and_sign(
    settings: Settings,
    policy: Policy,
    about: Callable[[], About],
    read: Callable[[], Manifest],
    client: Writer,
    session: SigningSession | None,
    tools: Tools,
    record: Record,
) -> None:
    """Attaches what the settings ask for to the record's image, and signs it last.

    about: called only if a verdict is attested. read: the manifest of the image.
    Raises RegistryError, SigningError, or BuildError for a file that is not an SBOM: no tag has moved then.
    """
    if settings.release.attest_verdict:
        from ecr_push.pipeline.attest_verdict import attest_verdict

        of = about()
        attest_verdict(policy, read, client, session, tools, record, commit=of.commit, version=of.version)
    if sboms := settings.release.attest_sbom:
        from ecr_push.pipeline.attest_sbom import attest_sboms

        fences = Fences.of(settings.source.context)
        attest_sboms(sboms, fences, read, client, session, tools, record)
    sign(session, record)
