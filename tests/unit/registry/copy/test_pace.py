from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.copy.pace import ATTEMPTS, LONGEST_PAUSE, MOST_AT_ONCE, Pace, Paces
from ecr_push.registry.layer_api import TransferError
from tests.support.fakes import FakeClock


def failing(*errors: TransferError) -> Callable[[], str]:
    """Fails with these, one after the other, and then succeeds."""
    left = list(errors)

    def do() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return do


def error(status: int = 0, retry_after: float = 0) -> TransferError:
    return TransferError("it failed", status=status, retry_after=retry_after)


def test_what_succeeds_is_not_repeated_and_does_not_wait() -> None:
    clock = FakeClock()
    assert Pace(clock).persist(failing()) == "done"
    assert clock.seconds == 0


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_after_a_pause(status: int) -> None:
    clock = FakeClock()
    assert Pace(clock).persist(failing(error(status), error(status))) == "done"
    assert 1.5 <= clock.seconds <= 3


@pytest.mark.parametrize("status", [400, 404, 405, 416])
def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    clock = FakeClock()
    with pytest.raises(TransferError) as raised:
        Pace(clock).persist(failing(error(status)))
    assert (raised.value.status, clock.seconds) == (status, 0)


def test_the_tokens_of_both_registries_may_end_and_there_is_no_pause() -> None:
    clock = FakeClock()
    assert Pace(clock).persist(failing(error(401), error(403))) == "done"
    with pytest.raises(TransferError):
        Pace(clock).persist(failing(error(403), error(403), error(403)))
    assert clock.seconds == 0


def test_it_gives_up_after_some_attempts() -> None:
    clock = FakeClock()
    with pytest.raises(TransferError):
        Pace(clock).persist(failing(*[error(500)] * ATTEMPTS))
    assert clock.seconds < 2 * LONGEST_PAUSE * ATTEMPTS
    assert Pace(FakeClock()).persist(failing(*[error(500)] * (ATTEMPTS - 1))) == "done"


def test_the_registry_says_how_long_to_wait_within_bounds() -> None:
    clock = FakeClock()
    Pace(clock).persist(failing(error(429, retry_after=30)))
    assert clock.seconds == 30
    clock = FakeClock()
    Pace(clock).persist(failing(error(429, retry_after=86_400)))
    assert clock.seconds == TransferError.LONGEST_WAIT_SECONDS


def test_a_registry_that_asks_for_less_gets_less_and_slowly_more_again() -> None:
    pace = Pace(FakeClock())
    assert pace.at_once == MOST_AT_ONCE
    pace.persist(failing(error(429), error(429)))
    assert pace.at_once == MOST_AT_ONCE // 4
    with pytest.raises(TransferError):
        pace.persist(failing(*[error(429)] * ATTEMPTS))
    assert pace.at_once == 1
    for _ in range(100):
        pace.persist(failing())
    assert pace.at_once == MOST_AT_ONCE


def test_others_wait_too_while_the_registry_asks_for_a_pause() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    with pytest.raises(TransferError):
        pace.persist(failing(error(429, retry_after=20), error(404)))
    pace._resumes_at = clock.seconds + 7
    pace.persist(failing())
    assert clock.seconds == 27


def test_never_more_at_once_than_the_limit() -> None:
    pace, lock = Pace(FakeClock(), most=2), threading.Lock()
    under_way, most, both = 0, 0, threading.Barrier(2, timeout=120)

    def do() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        both.wait()
        with lock:
            under_way -= 1

    threads = [threading.Thread(target=pace.persist, args=(do,)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert (most, under_way) == (2, 0)


def throttled() -> AwsRefusedError:
    return AwsRefusedError("ThrottlingException", "Rate exceeded", "ecr:PutImage", 400)


def test_an_action_that_aws_throttles_is_made_less_often() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    left = [throttled(), throttled()]

    def do() -> str:
        if left:
            raise left.pop()
        return "done"

    assert pace.persist(do) == "done"
    assert pace.at_once == 2
    assert clock.seconds > 0


@pytest.mark.parametrize(
    ("refused", "tries"),
    [
        (AwsRefusedError("LayersNotFoundException", "", "ecr:PutImage", 400), 1),
        (AwsRefusedError("ServerException", "", "ecr:PutImage", 500), ATTEMPTS),
        (AwsUnreachableError("AWS did not answer"), ATTEMPTS),
    ],
)
def test_what_aws_refuses_for_good_is_not_tried_again(refused: RegistryError, tries: int) -> None:
    tried = []

    def do() -> None:
        tried.append(1)
        raise refused

    with pytest.raises(type(refused)):
        Pace(FakeClock()).persist(do)
    assert len(tried) == tries


def test_a_source_that_is_asked_too_often_slows_itself_down_alone() -> None:
    to, source = Pace(FakeClock()), Pace(FakeClock())
    failed = error(429)
    failed.slows = source
    assert to.persist(failing(failed)) == "done"
    assert (to.at_once, source.at_once) == (MOST_AT_ONCE, MOST_AT_ONCE // 2)


def test_each_kind_of_request_to_each_registry_has_a_pace_of_its_own() -> None:
    paces = Paces(FakeClock())
    assert paces.of("a", "PutImage") is paces.of("a", "PutImage")
    others = (paces.of("a", "InitiateLayerUpload"), paces.of("b", "PutImage"))
    assert paces.of("a", "PutImage") not in others
