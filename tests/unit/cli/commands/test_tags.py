"""`ecr-push tags` where there is no .git: tests/integration has it with one."""

from __future__ import annotations

import json

from ecr_push.cli.commands.tags import PROMISES
from ecr_push.tags.kinds import TagKind
from tests.unit.cli.commands.conftest import COMMIT, Console


def test_version_and_tags(console: Console) -> None:
    assert console.run("tags", "--commit", COMMIT, "--branch", "main") == 0
    assert console.out.splitlines() == [
        "version  (none)  (no version can be computed without a git history)",
        "tag      sha-4f1e2d3c4b5a",
        "tag      main",
    ]


def test_explain_says_what_each_tag_promises(console: Console) -> None:
    assert console.run("tags", "--commit", COMMIT, "--branch", "main", "--explain") == 0
    assert "tag      sha-4f1e2d3c4b5a  this commit's, never moves\n" in console.out
    assert "tag      main              a branch's, moves with it\n" in console.out
    assert f"commit   {COMMIT} on main\n" in console.out


def test_as_json(console: Console) -> None:
    assert console.run("tags", "--commit", COMMIT, "--output", "json") == 0
    document = json.loads(console.out)
    assert (document["commit"], document["isRelease"]) == (COMMIT, False)
    assert {"tag": "sha-4f1e2d3c4b5a", "kind": "commit"} in document["tags"]


def test_every_kind_of_tag_has_a_promise() -> None:
    assert set(PROMISES) == {kind.value for kind in TagKind}
