"""`ecr-push sandbox`, as far as it comes without a socket: tests/integration/sandbox has it at work."""

from __future__ import annotations

import sys

import pytest

from tests.unit.cli.commands.conftest import Console


def test_without_its_extra(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ecr_push.sandbox.server", None)
    monkeypatch.delattr("ecr_push.sandbox.server", raising=False)
    assert console.run("sandbox") == 2
    assert "the sandbox is not installed" in console.err and "To do: install ecr-push" in console.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--port", "http"], "'http' is not a valid number."),
        (["--scan-delay", "soon"], "'soon' is not a valid number of seconds."),
        (["--scan-type", "deep"], "'deep' is not one of 'basic', 'enhanced'."),
        (["--advisories", "/gone"], "--advisories: there is no directory /gone"),
    ],
)
def test_what_is_not_valid(console: Console, flags: list[str], message: str) -> None:
    assert console.run("sandbox", *flags) == 2
    assert message in console.err
