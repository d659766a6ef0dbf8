"""`ecr-push repository apply`, where it asks nothing: tests/integration/test_repositories.py has the rest."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.commands.conftest import Console


def test_nothing_is_changed_where_the_file_has_a_mistake(console: Console) -> None:
    Path("ecr-repositories.yml").write_text("repositories:\n  team/app: {lifecycle: [keep all]}\n  a: {}\n")
    assert console.run("repository", "apply", "--region", "eu-west-1") == 2
    assert "ecr-repositories.yml, line 3: 'a' is not a valid repository name" in console.err
    assert "line 2" not in console.err
