"""`ecr-push repository show`, where it asks nothing: tests/integration/test_repositories.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_names_that_ecr_refuses_are_found_first(console: Console) -> None:
    assert console.run("repository", "show", "Team/Shop", "team/*", "a b", "--region", "eu-west-1") == 2
    assert "'Team/Shop' is not the name of a repository" in console.err
    assert "'a b' is not the name of a repository" in console.err
    assert "'team/*'" not in console.err


def test_a_name_with_a_registry(console: Console) -> None:
    name = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"
    assert console.run("repository", "show", name, "--region", "eu-west-1") == 2
    assert "names a registry, too: give the name alone, --region and --registry-id" in console.err
