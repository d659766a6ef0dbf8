"""`ecr-push completion`."""

from __future__ import annotations

import pytest

from tests.unit.cli.commands.conftest import Console


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_ecr_push(console: Console, shell: str) -> None:
    assert console.run("completion", shell) == 0
    assert f"_ECR_PUSH_COMPLETE={shell}_complete" in console.out and console.err == ""


def test_a_shell_that_has_none(console: Console) -> None:
    assert console.run("completion", "tcsh") == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in console.err
