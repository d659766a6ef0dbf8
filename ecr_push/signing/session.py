"""What signs and verifies one image, whichever program does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SigningError
from ecr_push.base.reference import Digest
from ecr_push.base.regex import lazy_regex
from ecr_push.signing.model import Signature
from ecr_push.signing.world import World

NOT_MOVED = "no release tag was moved"
# How often a signature that was just pushed is looked for: a list of referrers may lag behind a push.
_LOOKS = 3
_PAUSE_SECONDS = 1.0
# ECR's 405, as cosign and notation print it: https://github.com/aws/containers-roadmap/issues/2783
_REFUSED_ARTIFACT = lazy_regex(r"(?i)\bunsupported: |\bstatus code 405\b")


@dataclass(frozen=True)
class Checked:
    """Whether what was looked for is there, and verified.

    why:    what the program says if it is not.
    failed: it exited with an error. unsure: for another reason than that there is none.
    """

    found: bool
    why: str = ""
    failed: bool = False
    unsure: bool = False


# Attaches a statement as it is; returns its reference and the digest of its manifest. None in a dry run.
Attach = Callable[[], "tuple[str, Digest] | None"]


class SigningSession(Protocol):
    """Logged in to the registry. Every method raises RegistryError or SigningError."""

    @property
    def whose(self) -> str:
        """Whose signatures count, in words."""
        ...

    def sign(self) -> Signature:
        """Signs the image, unless it has a signature that counts, and verifies it."""
        ...

    def state(self, statement: bytes, kind: str, attach: Attach) -> str:
        """Attaches a signed statement about the image, unless it is there. Returns its reference.

        kind: the type of its predicate. attach: for what signs a statement that is there already.
        """
        ...

    def signed(self) -> Checked:
        """Whether the image has a signature that counts."""
        ...

    def stated(self, kind: str) -> tuple[Sequence[Mapping[str, Any]], Checked]:
        """The signed statements about the image with this type of predicate; and why there is none."""
        ...


def not_signed(what: str, why: str) -> SigningError:
    """The error for a program that has not signed. why: in the program's words."""
    if _REFUSED_ARTIFACT.search(why):
        return SigningError(
            what,
            why=f"the registry refuses what a signature is: a manifest with a subject, listed among its "
            f"referrers: {why}",
            remedy=f"{NOT_MOVED}; ask AWS Support about this registry, or leave out --sign; "
            "the next run finds the image, and judges it again",
        )
    return SigningError(
        what, why=why, remedy=f"{NOT_MOVED}; fix that, and run again: the image is found, and judged again"
    )


def await_verified(look: Callable[[], Checked], what: str, why: str, world: World) -> None:
    """Looks until what was signed is verified. Raises SigningError of what, where it never is."""
    checked = Checked(found=False)
    for at in range(_LOOKS):
        if at:
            world.clock.sleep(_PAUSE_SECONDS)
        checked = look()
        if checked.found:
            return
    raise SigningError(
        what,
        why=f"{why}: {checked.why}" if checked.why else why,
        remedy=f"{NOT_MOVED}; check who else writes to the repository, and run again",
    )
