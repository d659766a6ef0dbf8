"""Attaches a statement to the image that was judged: signed where the run signs, else as it is."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.pipeline.context import Tools
from ecr_push.registry.artifact import artifact_about
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Writer
from ecr_push.registry.oci import Manifest
from ecr_push.signing.session import SigningSession
from ecr_push.signing.statements import IN_TOTO


@dataclass(frozen=True)
class Statement:
    """content: an in-toto statement, as JSON. kind: the type of its predicate. what: in words, of one word.

    title: the file that `oras pull` writes.
    """

    content: bytes
    kind: str
    what: str
    title: str


def attach_statement(
    statement: Statement,
    image: PushedImage,
    read: Callable[[], Manifest],
    client: Writer,
    session: SigningSession | None,
    tools: Tools,
) -> str:
    """The reference of the statement; "" in a dry run. Raises RegistryError or SigningError.

    read: the manifest of the image.
    """

    def attach() -> tuple[str, Digest] | None:
        # The type as BuildKit marks it in its own statements.
        notes = {
            "in-toto.io/predicate-type": statement.kind,
            "org.opencontainers.image.title": statement.title,
        }
        artifact = artifact_about(read(), IN_TOTO, statement.content, notes, statement.what.lower())
        how = client.attach(artifact)
        if how == "no":
            return None
        digest = (artifact.tagged if how == "tag" else artifact.manifest).digest
        reference = image.repository.tagged(artifact.tag) if how == "tag" else image.repository.pinned(digest)
        if how == "tag":
            tools.narrator.warn(
                f"the registry takes no artifact with a subject: the statement of the {statement.what} is "
                "under a tag of its own, and is not listed as a referrer of the image"
            )
        tools.narrator.say(f"attached the {statement.what}: {reference}")
        return reference, digest

    if session:
        return session.state(statement.content, statement.kind, attach)
    attached = attach()
    return attached[0] if attached else ""
