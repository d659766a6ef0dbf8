"""`ecr-push status`, where it asks nothing: tests/integration/test_status.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_every_mistake_at_once(console: Console) -> None:
    words = ("Team", "--html", "nowhere/status.html", "--severity", "hi", "--older-than", "soon")
    assert console.run("status", *words, "--ends-within", "x", "--region", "eu-west-1") == 2
    for part in (
        "- 'Team' is not the name of a repository",
        "- --html: there is no directory",
        "- --severity: 'hi' is not a severity",
        "- --older-than: 'soon' is not a valid duration",
        "- --ends-within: 'x' is not a valid duration",
    ):
        assert part in console.err, console.err
