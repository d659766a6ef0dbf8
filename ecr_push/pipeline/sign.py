"""Signs the image that was accepted, before its tags move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ecr_push.base import background
from ecr_push.base.fences import Fences
from ecr_push.builder.interface import Builders
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:  # a run that signs nothing loads nothing of it
    from ecr_push.signing.find import Signer
    from ecr_push.signing.session import SigningSession


def ask_for_signer(settings: Settings, tools: Tools, record: Record) -> Callable[[], Signer | None]:
    """Starts to look for what signs, beside the checkout. What it returns waits for the answer.

    That raises SettingsError with everything that is missing, before anything is built.
    """
    options = settings.signing
    if not options.sign:
        return lambda: None
    from ecr_push.signing.find import find_signer

    fences = Fences.of(settings.source.context)
    found: Future[Signer] = background.start(
        record.timed("signer", partial(find_signer, options, tools, fences)), "find what signs"
    )

    return found.result


def foresee_signature(signer: Signer | None, tools: Tools, record: Record) -> Signer | None:
    """Says and notes by whom an accepted image will be signed; nothing without a signer."""
    if signer:
        planned = signer.planned
        record.note(signature=planned)
        tools.narrator.say(f"an accepted image is signed by {planned.by} {planned.whose}")
    return signer


def await_signature_of_ecr(
    settings: Settings, pushed: PushedImage, client: Reader, tools: Tools, record: Record
) -> Callable[[], None]:
    """Starts to wait for ECR's own signature, if it is required. What it returns waits for the end.

    That raises SigningError where ECR has not signed the image: no tag has moved then.
    """
    if not settings.signing.require_signature:
        return lambda: None
    from ecr_push.signing.managed import await_managed

    found = background.start(
        record.timed("managed signing", lambda: await_managed(pushed, client, tools.clock)), "managed signing"
    )

    def wait() -> None:
        with record.phase("sign"):
            profiles = [one.profile for one in found.result()]
            record.note(managed_signatures=tuple(profiles))
            tools.narrator.say(f"signed by Amazon ECR with {', '.join(profiles)}")

    return wait


@contextmanager
def signing(
    signer: Signer | None,
    pushed: PushedImage,
    client: Reader,
    find_builders: Callable[[], Builders],
    tools: Tools,
    record: Record,
    *,
    dry_run: bool = False,
) -> Iterator[SigningSession | None]:
    """The signer, logged in to the registry of the image; None where nothing is signed.

    find_builders: what logs in; called only if something is signed.
    """
    if dry_run and signer:
        tools.narrator.say(f"would sign {pushed.reference}")
    if dry_run or signer is None:
        yield None
        return
    from ecr_push.signing.find import open_session

    with ExitStack() as stack:
        with record.phase("sign"):
            session = stack.enter_context(open_session(signer, pushed, client, find_builders(), tools))
        yield session


def sign(session: SigningSession | None, record: Record) -> None:
    """Signs the image, unless it has a signature of ours. Raises SigningError: no tag has moved then."""
    if session:
        with record.phase("sign"):
            record.note(signature=session.sign())
