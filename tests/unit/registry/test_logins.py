from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from ecr_push.registry.interface import Login
from ecr_push.registry.logins import Logins, read_login
from tests.support.fakes import HOST, START, FakeClock


def test_a_token_is_user_and_password() -> None:
    token = base64.b64encode(b"AWS:pass:word").decode()
    assert read_login(token, START, HOST) == Login(HOST, "AWS", "pass:word", START)


def test_the_password_does_not_show() -> None:
    assert "hunter2" not in repr(Login(HOST, "AWS", "hunter2", START))


@pytest.mark.parametrize(("minutes", "asked"), [(0, 1), (30, 1), (54, 1), (56, 2), (600, 2)])
def test_a_login_that_is_about_to_expire_is_replaced(minutes: int, asked: int) -> None:
    clock, given = FakeClock(), []

    def ask() -> Login:
        given.append(clock.now())
        return Login(HOST, "AWS", "dummy", clock.now() + timedelta(hours=1))

    logins = Logins(ask, clock)
    logins.current()
    clock.sleep(minutes * 60)
    logins.current()
    assert len(given) == asked
