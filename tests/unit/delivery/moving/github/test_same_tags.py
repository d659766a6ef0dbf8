"""Workflows that have moved over give the tags that they gave before.

What the workflows push, and what ecr-push is given in its place, is in played.json: act has played both, with
docker/metadata-action's own program. Whether a workflow still becomes what was played is held here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ecr_push.tags.metadata_action.flavor import parse_flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.render import RuleFacts, render_rules
from tests.support.moved_workflows import HOST, PLAYED, digest, moved, names
from tests.support.settings import inputs, problems

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
PLAYS: Mapping[str, Any] = json.loads(PLAYED.read_text(encoding="utf-8"))
RUNS: Mapping[str, Mapping[str, Any]] = {
    "branch": {"branch": "main", "event": "push"},
    "other branch": {"branch": "next", "event": "push"},
    "tag": {"tag": "v1.4.2", "event": "push"},
    "pull request": {"pull_request": "12", "event": "pull_request"},
    "by hand": {"branch": "main", "event": "workflow_dispatch"},
}


def pushed(given: Mapping[str, str], run: str, commit: str) -> Iterator[str]:
    """The images that a run with these inputs releases."""
    if given.get("push") == "false":
        return
    length = {"short_sha_length": int(given["short-sha-length"])} if "short-sha-length" in given else {}
    facts = RuleFacts(NOW, NOW, sha=commit, default_branch="main", **RUNS[run], **length)
    as_peer = given.get("naming") == "metadata-action"
    rendering = render_rules(
        parse_rules(given["tags"]), parse_flavor(given.get("flavor", "")), facts, as_peer=as_peer
    )
    repository = given["repository"]
    for tag in rendering.tags:
        yield f"{repository if '.ecr.' in repository else f'{HOST}/{repository}'}:{tag.name}"


@pytest.mark.parametrize("name", names())
def test_the_workflow_becomes_what_was_played(name: str) -> None:
    assert digest(moved(name)) == PLAYS[name]["moved"], (
        "play it again: .venv/bin/python -m tests.support.moved_workflows FOLDER"
    )


CASES = [(name, run) for name, play in PLAYS.items() for run in play["runs"]]


@pytest.mark.parametrize(("name", "run"), CASES)
def test_the_same_images_are_pushed(name: str, run: str) -> None:
    play = PLAYS[name]["runs"][run]
    theirs = {image for image in play["theirs"] if ".dkr.ecr." in image}
    ours = {image for given in play["ours"] for image in pushed(given, run, PLAYS[name]["commit"])}
    assert ours == theirs


@pytest.mark.parametrize(("name", "run"), CASES)
def test_what_is_given_are_valid_settings(name: str, run: str, tmp_path: Path) -> None:
    for given in PLAYS[name]["runs"][run]["ours"]:
        assert problems(tmp_path, flags={"repository": None, "context": None}, **inputs(given)) == ()


DEPLOYS = [
    (name, one)
    for name, play in PLAYS.items()
    for run in play["runs"].values()
    for one in run.get("deploys", ())
]


@pytest.mark.parametrize(("name", "given"), DEPLOYS)
def test_what_deploys_is_given_valid_settings_and_a_digest(
    name: str, given: dict[str, str], tmp_path: Path
) -> None:
    settings = {key: text for key, text in given.items() if key not in ("command", "arguments")}
    flags = {"repository": None, "context": None}
    assert problems(tmp_path, flags=flags, command=given["command"], **inputs(settings)) == ()
    assert "@sha256:" in given["arguments"]


def test_services_and_functions_are_deployed_as_before() -> None:
    assert {name for name, _ in DEPLOYS} >= {"ecs-by-output", "ecs-deploy-job", "lambda", "lambda-step"}


def test_the_workflows_are_those_that_people_have() -> None:
    """Each was played, for branches, tags and pull requests; and something is pushed at all."""
    assert set(PLAYS) == set(names()) and len(PLAYS) >= 24
    assert {run for _, run in CASES} == set(RUNS)
    assert all(any(play["theirs"] for play in of["runs"].values()) for of in PLAYS.values())


def test_a_pull_requests_commit_is_the_one_that_is_checked_out() -> None:
    """act has no merge commit, whose digits type=sha gives under the peer's naming alone."""
    for name, of in PLAYS.items():
        for given in of["runs"].get("pull request", {"ours": []})["ours"]:
            uses_commit = "type=sha" in given["tags"] or "{{sha}}" in given["tags"]
            assert not uses_commit or given.get("naming") == "metadata-action", name
