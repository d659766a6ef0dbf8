from __future__ import annotations

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.release.early_look import EarlyLook
from tests.support.fakes import FakeClock


class Looks:
    """Each look takes 2 s, and sees its number; the n-th ones of `fails` see nothing."""

    def __init__(self, *fails: int) -> None:
        self.clock = FakeClock()
        self.seen = 0
        self._fails = fails

    def __call__(self) -> int:
        self.seen += 1
        self.clock.sleep(2)
        if self.seen in self._fails:
            raise RegistryError(f"no answer to look {self.seen}")
        return self.seen


@pytest.mark.parametrize(("later", "seen"), [(0, 1), (0.9, 1), (1.1, 2), (60, 2)])
def test_it_counts_as_long_as_it_is_hardly_older_than_a_new_one(later: float, seen: int) -> None:
    look = Looks()
    early = EarlyLook.start(look, look.clock)
    assert early.taken.result(60) == (1, 2)
    look.clock.sleep(later)
    assert early.result() == seen


def test_one_that_failed_is_done_again() -> None:
    look = Looks(1)
    assert EarlyLook.start(look, look.clock).result() == 2


def test_what_the_second_one_says_is_raised() -> None:
    look = Looks(1, 2)
    with pytest.raises(RegistryError, match="no answer to look 2"):
        EarlyLook.start(look, look.clock).result()
