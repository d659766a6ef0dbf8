"""States in the registry what the gate decided, after acceptance and before a tag moves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecr_push.base.reference import Digest, Repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE, verdict_statement
from ecr_push.policy.digest import policy_digest
from ecr_push.policy.model import Policy
from ecr_push.registry.artifact import artifact_about
from ecr_push.registry.interface import Writer
from ecr_push.registry.oci import Manifest
from ecr_push.signing.session import SigningSession
from ecr_push.signing.statements import IN_TOTO

# The type as BuildKit marks it in its own statements, and the file that `oras pull` writes.
_NOTES = {"in-toto.io/predicate-type": PREDICATE_TYPE, "org.opencontainers.image.title": "verdict.json"}


def attest_verdict(
    policy: Policy,
    read: Callable[[], Manifest],
    client: Writer,
    session: SigningSession | None,
    tools: Tools,
    record: Record,
    *,
    commit: str = "",
    version: str = "",
) -> None:
    """Attaches a statement of the record's verdict to its image. Raises RegistryError, or
    SigningError: no tag has moved then.

    read:    the manifest of the image that was judged.
    session: signs the statement; None to attach it as it is.
    """
    outcome = record.outcome
    if not (outcome.pushed and outcome.scan and outcome.verdict):
        return
    with record.phase("attest"):
        content = verdict_statement(
            outcome.pushed,
            outcome.scan,
            outcome.verdict,
            policy_digest(policy),
            tests=outcome.tests,
            commit=commit,
            version=version,
            clean=tools.redactor.clean,
        )
        image = outcome.pushed
        attach = partial(_attach, content, read, image.repository, client, tools)
        if session:
            record.note(statement=session.state(content, PREDICATE_TYPE, attach), statement_signed=True)
        elif attached := attach():
            record.note(statement=attached[0])


def _attach(
    content: bytes, read: Callable[[], Manifest], repository: Repository, client: Writer, tools: Tools
) -> tuple[str, Digest] | None:
    """Attaches the statement as it is; see `signing.session.Attach`."""
    artifact = artifact_about(read(), IN_TOTO, content, _NOTES, "verdict")
    how = client.attach(artifact)
    if how == "no":
        return None
    digest = (artifact.tagged if how == "tag" else artifact.manifest).digest
    reference = repository.tagged(artifact.tag) if how == "tag" else repository.pinned(digest)
    if how == "tag":
        tools.narrator.warn(
            "the registry takes no artifact with a subject: the statement of the verdict is under a tag "
            "of its own, and is not listed as a referrer of the image"
        )
    tools.narrator.say(f"attached the verdict: {reference}")
    return reference, digest
