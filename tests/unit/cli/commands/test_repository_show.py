"""`ecr-push repository show`, where it asks nothing: tests/integration/test_repositories.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_names_that_ecr_refuses_are_found_first(console: Console) -> None:
    assert console.run("repository", "show", "Team/Shop", "team/*", "a b", "--region", "eu-west-1") == 2
    assert "'Team/Shop' is not the name of a repository" in console.err
    assert "'a b' is not the name of a repository" in console.err
    assert "'team/*'" not in console.err
