from __future__ import annotations

import pytest

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.base.process import StoppedError
from ecr_push.builder.permission import Permission, WithdrawnError


def test_it_is_given_when_everything_is_prepared() -> None:
    permission = Permission()
    waiting = background.start(permission.wait, "wait")
    assert not waiting.done()
    done: list[str] = []
    permission.grant(lambda: done.append("created"))
    waiting.result(60)
    assert done == ["created"]
    permission.wait()


def test_what_could_not_be_prepared_is_raised() -> None:
    permission = Permission()

    def create() -> None:
        raise RegistryError("the repository could not be created")

    permission.grant(create)
    for _ in range(2):
        with pytest.raises(RegistryError, match="could not be created"):
            permission.wait()


def test_it_is_withdrawn_for_good() -> None:
    permission = Permission()
    waiting = background.start(permission.wait, "wait")
    permission.withdraw()
    with pytest.raises(WithdrawnError):
        waiting.result(60)
    with pytest.raises(StoppedError), permission.stop.around(lambda: pytest.fail("a program was started")):
        pass


def test_what_was_granted_stays_granted_at_the_end() -> None:
    permission = Permission()
    permission.grant(lambda: None)
    permission.wait()
    permission.withdraw()
    permission.wait()
