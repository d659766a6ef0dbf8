"""What signs, by `--sign`; and whose signatures count, for `verify`."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ecr_push.base.fences import Fences
from ecr_push.builder.interface import Builders
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.signing.cosign_session import open_cosign
from ecr_push.signing.find_cosign import Cosign, find_cosign_signer, find_cosign_verifier
from ecr_push.signing.find_notation import Notation, find_notation
from ecr_push.signing.notation_session import open_notation
from ecr_push.signing.options import SignOptions
from ecr_push.signing.session import SigningSession
from ecr_push.signing.world import World

Signer = Cosign | Notation


def find_signer(options: SignOptions, world: World, fences: Fences) -> Signer:
    """What signs. Raises SettingsError with everything that is missing, before anything is built."""
    if options.sign == "notation":
        return find_notation(options, world)
    return find_cosign_signer(options, world, fences)


def find_verifier(options: SignOptions, world: World, fences: Fences) -> Signer | None:
    """What verifies; None where it is not said whose signatures count. Raises SettingsError."""
    if options.sign == "notation":
        return find_notation(options, world)
    if options.sign_key or options.sign_identity:
        return find_cosign_verifier(options, world, fences)
    return None


def open_session(
    signer: Signer, pushed: PushedImage, client: Reader, builders: Builders, world: World
) -> AbstractContextManager[SigningSession]:
    """The signer with a login to the registry of the image."""
    if isinstance(signer, Notation):
        return open_notation(signer, pushed, client, builders, world)
    return open_cosign(signer, pushed, client, builders, world)
