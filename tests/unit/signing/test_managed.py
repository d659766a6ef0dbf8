from __future__ import annotations

import pytest

from ecr_push.base.errors import SigningError
from ecr_push.registry.signing_status import SigningStatus
from ecr_push.signing.managed import await_managed
from tests.support.fakes import FakeClock, FakeRepository
from tests.support.outcomes import PUSHED

PROFILE = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/release"
OTHER = f"{PROFILE}_other"


def status(word: str, why: str = "", profile: str = PROFILE) -> SigningStatus:
    return SigningStatus(profile, word, why)


def repository(*answers: tuple[SigningStatus, ...]) -> FakeRepository:
    made = FakeRepository()
    made.signing = list(answers)
    return made


def test_every_profile_must_have_signed() -> None:
    clock = FakeClock()
    half = (status("COMPLETE"), status("IN_PROGRESS", profile=OTHER))
    whole = (status("COMPLETE"), status("COMPLETE", profile=OTHER))
    began = clock.monotonic()
    assert await_managed(PUSHED, repository((), half, whole), clock) == whole
    assert 0 < clock.monotonic() - began < 5


@pytest.mark.parametrize(
    ("answer", "what", "why", "longest"),
    [
        (
            (status("FAILED", "AccessDenied: no signer:SignPayload"), status("COMPLETE", profile=OTHER)),
            "Amazon ECR could not sign the image",
            f"{PROFILE}: AccessDenied: no signer:SignPayload",
            1,
        ),
        ((status("FAILED"),), "Amazon ECR could not sign the image", "it says nothing", 1),
        ((), "Amazon ECR does not sign the image", "no signing status", 70),
        ((status("IN_PROGRESS"),), "has not signed the image within 300 s", f"{PROFILE}: IN_PROGRESS", 310),
        ((status("ODD"),), "has not signed the image within 300 s", "ODD", 310),
    ],
)
def test_what_does_not_count_as_a_signature(
    answer: tuple[SigningStatus, ...], what: str, why: str, longest: float
) -> None:
    clock = FakeClock()
    began = clock.monotonic()
    with pytest.raises(SigningError) as caught:
        await_managed(PUSHED, repository(answer), clock)
    assert what in caught.value.what and why in caught.value.why
    assert "no release tag was moved" in caught.value.remedy
    assert clock.monotonic() - began <= longest
