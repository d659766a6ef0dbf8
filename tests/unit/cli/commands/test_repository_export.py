"""`ecr-push repository export`, where it asks nothing."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_a_file_that_is_missing(console: Console) -> None:
    assert console.run("repository", "export", "--output", "terraform", "--region", "eu-west-1") == 2
    assert "ecr-repositories.yml: cannot be read: No such file or directory" in console.err


def test_a_tool_that_is_not_known(console: Console) -> None:
    assert console.run("repository", "export", "--output", "pulumi") == 2
    assert "'pulumi' is not one of" in console.err
