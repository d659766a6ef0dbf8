"""`ecr-push version`."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.unit.cli.commands.conftest import Console


def test_what_a_report_of_a_bug_needs(console: Console) -> None:
    assert console.run("version") == 0
    first, second = console.out.splitlines()
    assert first == f"ecr-push {version('ecr-push')}" and second.startswith("Python 3.")


def test_for_a_script(console: Console) -> None:
    assert console.run("version", "--short") == 0
    assert console.out == f"{version('ecr-push')}\n"


@pytest.mark.parametrize("flag", ["-v", "-V", "--version"])
def test_as_an_option(console: Console, flag: str) -> None:
    assert console.run(flag) == 0
    assert console.out == f"ecr-push, version {version('ecr-push')}\n"
