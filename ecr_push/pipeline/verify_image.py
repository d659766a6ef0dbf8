"""The story of `ecr-push verify`: whether an image has what is required of it, before it is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecr_push.base.fences import Fences
from ecr_push.base.reference import ImageName
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.named_image import find_runnable, locate
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.provenance_check import check_provenance
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.verdict_check import check_verdict, unverifiable
from ecr_push.pipeline.verification import Check, Judgement, Provenance, Verification
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.settings.declare import Settings
from ecr_push.signing.find import Signer, find_verifier, open_session
from ecr_push.signing.session import SigningSession


def verify_image(named: str, settings: Settings, tools: Tools, record: Record) -> Outcome:
    """Checks everything that is required of an image. What it lacks is in the outcome, and not an error.

    named: [REGISTRY/]REPOSITORY:TAG or @DIGEST.

    Raises SettingsError, and RegistryError if the image does not exist or the registry does not answer.
    """
    options, image = settings.verify, ImageName.parse(named)
    with record.phase("plan"):
        verifier = find_verifier(settings.signing, tools, Fences.of(settings.source.context))
    client = tools.open_repository(locate(image, settings.registry))
    with record.phase("registry"):
        pushed, manifest = find_runnable(image, client)
        record.note(pushed=pushed)
        tools.narrator.say(f"{image.name} is {pushed.reference}")
    with record.phase("verify"), _session(verifier, pushed, client, tools) as session:
        checks: list[Check] = []
        judgement: Judgement | None = None
        provenance: tuple[Provenance, ...] = ()
        if "signature" in options.require and session:
            checks.append(_check_signature(session, pushed))
        if "verdict" in options.require:
            check, judgement = check_verdict(options, pushed, client, session, tools)
            checks.append(check)
        if "provenance" in options.require:
            check, provenance = check_provenance(options, manifest, pushed, client, session)
            checks.append(check)
            if "signature" not in options.require and not all(one.signed_by for one in provenance):
                tools.narrator.warn(
                    "nothing that is required signs the provenance: everyone who may push can make one"
                )
        record.note(verification=Verification(named, tuple(checks), judgement, provenance))
    return record.outcome


@contextmanager
def _session(
    verifier: Signer | None, pushed: PushedImage, client: Reader, tools: Tools
) -> Iterator[SigningSession | None]:
    if verifier is None:
        yield None
        return
    with open_session(verifier, pushed, client, tools.find_builders(tools.environ), tools) as session:
        yield session


def _check_signature(session: SigningSession, pushed: PushedImage) -> Check:
    checked = session.signed()
    if checked.found:
        return Check("signature", f"by {session.whose}")
    if checked.unsure:
        raise unverifiable(checked.why)
    hint = "" if pushed.is_index else "; if it is one platform of an index, verify the index"
    return Check("signature", why=f"none by {session.whose}: {checked.why}{hint}")
