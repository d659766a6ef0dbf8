from __future__ import annotations

from ecr_push.base.held_log import KEPT_LINES, HeldNarrator
from tests.support.fakes import FakeNarrator


def test_lines_are_kept_in_their_order_until_they_are_let_go() -> None:
    inner = FakeNarrator()
    held = HeldNarrator(inner)
    held.say("one")
    held.warn("careful")
    held.say("two")
    assert (inner.said, inner.warned) == ([], [])
    held.let_go()
    held.say("three")
    assert (inner.said, inner.warned) == (["one", "two", "three"], ["careful"])


def test_of_a_long_output_the_last_lines_are_kept() -> None:
    inner = FakeNarrator()
    held = HeldNarrator(inner)
    for number in range(KEPT_LINES + 10):
        held.say(str(number))
    held.let_go()
    assert (inner.said[0], len(inner.said)) == ("10", KEPT_LINES)
