"""cosign, logged in to the registry: signs an image and statements about it, once each, and verifies both."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecr_push.base import process
from ecr_push.base.errors import SigningError
from ecr_push.base.parse import read_json
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest
from ecr_push.builder.interface import Builders
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.signing import cosign
from ecr_push.signing.find_cosign import Cosign
from ecr_push.signing.login import logged_in
from ecr_push.signing.model import Signature
from ecr_push.signing.services import ROOT_FILE
from ecr_push.signing.session import NOT_MOVED, Attach, Checked, await_verified, not_signed
from ecr_push.signing.world import World

_UNVERIFIED = "cosign has signed, and what it signed cannot be verified"


@contextlib.contextmanager
def open_cosign(
    program: Cosign, pushed: PushedImage, client: Reader, builders: Builders, world: World
) -> Iterator[CosignSession]:
    """cosign with a login to the registry of the image, until this is left."""
    with (
        logged_in(pushed, client, builders, world) as login,
        PrivateFolders(world.environ).made() as folder,
    ):
        yield CosignSession(program, pushed, client, {**program.environ, **login}, folder, world)


class CosignSession:
    """See `SigningSession`. A signed statement is an attestation of cosign's."""

    def __init__(
        self,
        program: Cosign,
        pushed: PushedImage,
        client: Reader,
        environ: Mapping[str, str],
        folder: Path,
        world: World,
    ) -> None:
        self._program = program
        self._trust = program.trust
        self._pushed = pushed
        self._client = client
        self._environ = environ
        self._folder = folder
        self._world = world
        root = {ROOT_FILE: self._trust.root.text} if self._trust.root else {}
        for name, content in {**root, **(program.files or {})}.items():
            (folder / name).write_text(content)

    @property
    def whose(self) -> str:
        """Whose signatures count: the key's reference, or the identity."""
        return self._trust.name

    def sign(self) -> Signature:
        """Signs the image, unless it has a signature of ours, and verifies it."""
        program, trust, image = self._program, self._trust, self._pushed.reference
        checked = self.signed()
        before = self._listed(cosign.MARKS)
        if checked.found:
            self._world.narrator.say(f"has a signature by {trust.name} already")
        else:
            self._refuse_unverified(checked, cosign.MARKS)
            argv = cosign.sign_argv(program.key, image, self._folder, program.files or {})
            self._run(argv, "cosign could not sign the image")
            why = f"`cosign verify` shows no signature of it by {trust.name}"
            await_verified(self.signed, _UNVERIFIED, why, self._world)
            self._world.narrator.say(f"signed by {trust.name}, and verified: {image}")
        return Signature(
            "cosign",
            program.key,
            "already" if checked.found else "signed",
            image,
            self._only(before if checked.found else self._listed(cosign.MARKS) - before),
            "" if program.key else trust.identity,
            trust.issuer,
        )

    def state(self, statement: bytes, kind: str, attach: Attach) -> str:
        """The statement is in the bundle, so that nothing else is attached."""
        program, trust, image = self._program, self._trust, self._pushed.reference
        said, marks = read_json(statement)["predicate"], {cosign.PREDICATE: kind}

        def is_there() -> Checked:
            found, checked = self.stated(kind)
            return replace(checked, found=any(one.get("predicate") == said for one in found))

        checked = is_there()
        if checked.found:
            self._world.narrator.say(f"has this statement of the verdict, signed by {trust.name}, already")
        else:
            self._refuse_unverified(checked, marks)
            (self._folder / cosign.PREDICATE_FILE).write_text(json.dumps(said))
            argv = cosign.attest_argv(program.key, image, self._folder, program.files or {}, kind)
            self._run(argv, "cosign could not sign the verdict")
            why = f"`cosign verify-attestation` shows no such statement by {trust.name}"
            await_verified(is_there, _UNVERIFIED, why, self._world)
            self._world.narrator.say(f"attached the verdict, signed by {trust.name}, and verified it")
        listed = sorted(self._listed(marks), key=str)
        found = next((one for one in listed if cosign.states(self._bundle(one), trust, said)), None)
        return self._pushed.repository.pinned(found) if found else ""

    def signed(self) -> Checked:
        """Whether the image has a signature that counts."""
        listed = self._listed({})
        if not listed and not self._client.digests([cosign.older_signature(self._pushed.digest)]):
            return Checked(False, "the registry lists no signature of it")
        argv = cosign.verify_argv(self._trust, self._pushed.reference, self._folder)
        answer, printed = self._verify(argv)
        found = cosign.is_signed(printed, self._pushed.digest)
        return self._checked(answer, found=found)

    def stated(self, kind: str) -> tuple[Sequence[Mapping[str, Any]], Checked]:
        """The verified statements about the image that have this type of predicate; and why there is none."""
        if not self._listed({cosign.PREDICATE: kind}):
            return (), Checked(False, "the registry lists no signed statement of this kind")
        argv = cosign.verify_attestation_argv(self._trust, self._pushed.reference, self._folder, kind)
        answer, printed = self._verify(argv)
        found = cosign.statements(printed, self._pushed.digest, kind)
        return found, self._checked(answer, found=bool(found))

    def _verify(self, argv: Sequence[str]) -> tuple[process.Completed, list[str]]:
        """cosign's answer, and what it printed of what it has verified; nothing if it failed.

        Only standard output counts: a bundle that someone else has pushed can be a part of a message. All of
        it is kept: an SBOM is longer than what is kept for a message.
        """
        printed: list[str] = []
        answer = process.run(argv, environ=self._environ, on_line=printed.append, with_errors=False)
        if answer.ok:
            return answer, printed
        return process.run(argv, environ=self._environ), []  # for its reason

    def _checked(self, answer: process.Completed, *, found: bool) -> Checked:
        unsure = not answer.ok and not cosign.none_counts(answer.exit_code, answer.output)
        return Checked(found, "" if found else self._why(answer), failed=not answer.ok, unsure=unsure)

    def _refuse_unverified(self, checked: Checked, marks: Mapping[str, str]) -> None:
        """Raises SigningError where one of ours is there, and cosign has not verified it.

        Where the registry or a log does not answer it, cosign says that there is none. To sign again would
        add a second one.
        """
        if not checked.failed:
            return
        listed = sorted(self._listed(marks), key=str)
        ours = [one for one in listed if cosign.is_by(self._bundle(one), self._trust)]
        if ours or checked.unsure:
            raise SigningError(
                "the image has a signature already, and cosign cannot verify it",
                why=f"{self._only(frozenset(ours[:1])) or self._pushed.reference}: {checked.why}",
                remedy=f"{NOT_MOVED}; run again; if it stays so, remove that signature from the registry",
            )

    def _bundle(self, artifact: Digest) -> bytes:
        layers = self._client.manifest(artifact).layers
        return self._client.blob(Digest(layers[0])) if layers else b""

    def _run(self, argv: Sequence[str], what: str) -> None:
        """Lets cosign sign. A new token each time: GitHub's are valid for minutes."""
        if self._program.token:
            (self._folder / cosign.TOKEN_FILE).write_text(self._program.token())
        answer = process.run(argv, environ=self._environ, on_line=self._world.narrator.detail)
        if not answer.ok:
            raise not_signed(what, self._why(answer))

    def _only(self, found: frozenset[Digest]) -> str:
        """The reference of the only one. Another run, or another key, may have made more."""
        return self._pushed.repository.pinned(*found) if len(found) == 1 else ""

    def _listed(self, marks: Mapping[str, str]) -> frozenset[Digest]:
        return self._client.referrers(self._pushed.digest, cosign.BUNDLE, marks)

    def _why(self, answer: process.Completed) -> str:
        return self._world.redactor.clean(cosign.why(answer.output))
