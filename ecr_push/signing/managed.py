"""The wait until ECR has signed an image by itself."""

from __future__ import annotations

from ecr_push.base.clock import Clock
from ecr_push.base.errors import SigningError
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.registry.signing_status import COMPLETE, FAILED, SigningStatus

# How long ECR may take, and how long it may say nothing: no document says how soon it begins. In seconds.
LONGEST = 300.0
LONGEST_SILENCE = 60.0
_PAUSE, _LONGEST_PAUSE = 0.5, 5.0


def await_managed(pushed: PushedImage, client: Reader, clock: Clock) -> tuple[SigningStatus, ...]:
    """The signatures that ECR has made, one for each profile. Raises SigningError where there are none."""
    began, pause = clock.monotonic(), _PAUSE
    while True:
        found = client.signing_statuses(pushed.digest)
        waited = clock.monotonic() - began
        if failed := [one for one in found if one.status == FAILED]:
            raise SigningError(
                "Amazon ECR could not sign the image, which --require-signature asks for",
                why="\n".join(f"{one.profile}: {one.why or 'it says nothing'}" for one in failed),
                remedy="no release tag was moved; allow signer:SignPayload on the profile to the role that "
                "pushes, and push the image again: ECR signs what is pushed",
            )
        if found and all(one.status == COMPLETE for one in found):
            return found
        if not found and waited >= LONGEST_SILENCE:
            raise SigningError(
                "Amazon ECR does not sign the image, which --require-signature asks for",
                why=f"it has no signing status of {pushed.digest} {LONGEST_SILENCE:.0f} s after it was asked",
                remedy="no release tag was moved; name the repository in a rule of the registry's signing "
                "configuration, and push the image again: ECR signs what is pushed",
            )
        if waited >= LONGEST:
            states = ", ".join(f"{one.profile}: {one.status}" for one in found)
            raise SigningError(
                f"Amazon ECR has not signed the image within {LONGEST:.0f} s",
                why=states,
                remedy="no release tag was moved; run again: the image is found, and its signature awaited",
            )
        clock.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
