"""notation, logged in to the registry: signs an image and statements about it, and verifies both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ecr_push.base import process
from ecr_push.base.errors import SigningError
from ecr_push.base.reference import Digest
from ecr_push.builder.interface import Builders
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.signing import notation
from ecr_push.signing.cosign import is_statement_of
from ecr_push.signing.find_notation import Notation
from ecr_push.signing.login import logged_in
from ecr_push.signing.model import Signature
from ecr_push.signing.session import NOT_MOVED, Attach, Checked, await_verified, not_signed
from ecr_push.signing.statements import attached_statements
from ecr_push.signing.world import World

_UNVERIFIED = "notation has signed, and what it signed cannot be verified"


@contextmanager
def open_notation(
    program: Notation, pushed: PushedImage, client: Reader, builders: Builders, world: World
) -> Iterator[NotationSession]:
    """notation with a login to the registry of the image, until this is left."""
    with logged_in(pushed, client, builders, world) as login:
        yield NotationSession(program, pushed, client, {**program.environ, **login}, world)


class NotationSession:
    """See `SigningSession`. A statement is signed as an artifact of its own."""

    def __init__(
        self,
        program: Notation,
        pushed: PushedImage,
        client: Reader,
        environ: Mapping[str, str],
        world: World,
    ) -> None:
        self._key = program.key
        self._pushed = pushed
        self._client = client
        self._environ = environ
        self._world = world
        self._plain_http = pushed.repository.registry.kind == "local"

    @property
    def whose(self) -> str:
        return "an identity that notation trusts"

    def sign(self) -> Signature:
        was_there, reference = self._sign(self._pushed.digest, "notation could not sign the image")
        image = self._pushed.reference
        return Signature("notation", self._key, "already" if was_there else "signed", image, reference)

    def state(self, statement: bytes, kind: str, attach: Attach) -> str:
        """The statement is attached as it is, and its artifact signed: the signature is over its digest."""
        attached = attach()
        if attached is None:
            return ""
        reference, digest = attached
        self._sign(digest, "notation could not sign the verdict")
        return reference

    def signed(self) -> Checked:
        return self._verified(self._pushed.digest)

    def stated(self, kind: str) -> tuple[Sequence[Mapping[str, Any]], Checked]:
        found, checked = [], Checked(found=False, why="the registry lists no statement of this kind")
        for artifact, statement in attached_statements(self._pushed.digest, kind, self._client):
            checked = self._verified(artifact)
            if checked.found and is_statement_of(statement, self._pushed.digest, kind):
                found.append(statement)
        return found, checked

    def _sign(self, digest: Digest, what: str) -> tuple[bool, str]:
        """Whether it was signed already, and the signature's reference; "" where several are new."""
        image = self._pushed.repository.pinned(digest)
        before = self._listed(digest)
        checked = self._verified(digest)
        if checked.unsure:
            raise SigningError(
                "there is a signature already, and notation cannot verify it",
                why=f"{image}: {checked.why}",
                remedy=f"{NOT_MOVED}; run again: a second signature is not made",
            )
        if checked.found:
            self._world.narrator.say(f"has a signature by {self.whose} already: {image}")
        else:
            argv = notation.sign_argv(self._key, image, plain_http=self._plain_http)
            answer = process.run(argv, environ=self._environ, on_line=self._world.narrator.detail)
            if not answer.ok:
                raise not_signed(what, self._why(answer))
            why = f"`notation verify` accepts no signature of {digest}"
            await_verified(lambda: self._verified(digest), _UNVERIFIED, why, self._world)
            self._world.narrator.say(f"signed by notation with {self._key}, and verified: {image}")
        new = before if checked.found else self._listed(digest) - before
        return checked.found, self._pushed.repository.pinned(*new) if len(new) == 1 else ""

    def _verified(self, digest: Digest) -> Checked:
        if not self._listed(digest):
            return Checked(found=False, why="the registry lists no signature of it")
        image = self._pushed.repository.pinned(digest)
        answer = process.run(notation.verify_argv(image, plain_http=self._plain_http), environ=self._environ)
        found = answer.ok and notation.is_verified(answer.output)
        unsure = not answer.ok and not notation.none_counts(answer.output)
        return Checked(found, "" if found else self._why(answer), failed=not answer.ok, unsure=unsure)

    def _listed(self, digest: Digest) -> frozenset[Digest]:
        return self._client.referrers(digest, notation.SIGNATURE, {})

    def _why(self, answer: process.Completed) -> str:
        return self._world.redactor.clean(notation.why(answer.output))
