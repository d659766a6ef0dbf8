"""`ecr-push audit`: CloudTrail's events, the statements in the registry and the tags, as one story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ecr_push.report.story_html import render
from tests.support.command_line import CommandLine
from tests.support.pages import looked_at
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import Shelf
from tests.support.story_samples import NOW, STORY
from tests.support.trail import KIM, TrailServer, event, put, removed


@pytest.fixture
def trail(cli: CommandLine) -> Iterator[TrailServer]:
    with TrailServer() as trail:
        cli.environ["AWS_ENDPOINT_URL_CLOUDTRAIL"] = trail.url
        yield trail


def test_the_story_of_an_image(
    cli: CommandLine, registry: Registry, trail: TrailServer, tmp_path: Path
) -> None:
    registry.create()
    (tmp_path / "layers").mkdir()
    shelf = Shelf(registry, tmp_path / "layers")
    digest, other = shelf.put("candidate-1"), shelf.put("1.4.3")
    promoted = cli.command("promote", f"{REPOSITORY}:candidate-1", "latest", "1.4.2", "--attest-verdict")
    assert promoted.code == 0, promoted.stderr
    client = registry.client
    uri = f"{registry.sandbox.host}/{REPOSITORY}"
    listed = client.ask("oras", "discover", "--format", "json", "--plain-http", f"{uri}@{digest}")
    [statement] = json.loads(listed)["referrers"]
    now = datetime.now(timezone.utc)
    ago = lambda minutes: now - timedelta(minutes=minutes)  # noqa: E731
    by_kim = {"userIdentity": {"arn": KIM}, "userAgent": "aws-cli/2.0"}
    trail.events = [
        put(REPOSITORY, "candidate-1", digest, ago(50), userAgent="docker/28.5.2"),
        put(REPOSITORY, "early", digest, ago(49), **by_kim),
        put(REPOSITORY, "", statement["digest"], now + timedelta(minutes=1)),
        put(REPOSITORY, "1.4.2", digest, now + timedelta(minutes=2)),
        put(REPOSITORY, "latest", digest, now + timedelta(minutes=2.5)),
        removed(REPOSITORY, now + timedelta(minutes=3), {"imageTag": "candidate-1", "imageDigest": digest}),
        put("team/else", "latest", digest, ago(1)),
        put(REPOSITORY, "latest", other, now + timedelta(minutes=4)),
        put(
            REPOSITORY, "1.4.2", other, now + timedelta(minutes=5), errorCode="ImageTagAlreadyExistsException"
        ),
        event(
            "PutImageTagMutability",
            now + timedelta(minutes=6),
            requestParameters={"repositoryName": REPOSITORY, "imageTagMutability": "IMMUTABLE"},
            **by_kim,
        ),
    ]
    found = cli.command("audit", f"{REPOSITORY}:1.4.2", "--output", "json")
    assert found.code == 0, found.stderr
    story = json.loads(found.stdout)
    assert story["image"] == f"{uri}@{digest}" and story["unread"] == []
    seen = [(one["kind"], one["what"]) for one in story["entries"] if one["kind"] != "judged"]
    assert seen == [
        ("pushed", "candidate-1"),
        ("tagged", "early"),
        ("attached", "the statement of its verdict"),
        ("tagged", "1.4.2"),
        ("tagged", "latest"),
        ("untagged", "candidate-1"),
        ("left", f"latest went to {other[:19]}"),
        ("repository", "its tags were made IMMUTABLE"),
    ]
    [judged] = [one for one in story["entries"] if one["kind"] == "judged"]
    assert judged["what"].startswith("accepted by the policy sha256:")
    assert judged["source"] == f"{uri}@{statement['digest']}"
    [early] = [one for one in story["entries"] if one["note"]]
    assert (early["what"], early["who"]) == ("early", KIM)
    assert len(trail.asked) > 7, "more than a page of one operation"


def test_what_cannot_be_read_is_said(
    cli: CommandLine, registry: Registry, trail: TrailServer, tmp_path: Path
) -> None:
    registry.create()
    (tmp_path / "layers").mkdir()
    Shelf(registry, tmp_path / "layers").put("1.4.2")
    cli.environ["AWS_ENDPOINT_URL_CLOUDTRAIL"] = registry.sandbox.url
    found = cli.command("audit", f"{REPOSITORY}:1.4.2")
    assert found.code == 0, found.stderr
    assert "Nothing is known of what happened to it." in found.stdout
    assert "  CloudTrail: AWS refused cloudtrail:LookupEvents" in found.stdout


def test_the_page_can_be_read_by_eye_and_screen_reader(tmp_path: Path) -> None:
    page = tmp_path / "story.html"
    page.write_text(render(STORY, NOW), encoding="utf-8")
    for shown in looked_at(page):
        assert shown.locator("tbody tr").count() == len(STORY.entries)
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.getAttribute('role')") == "region"
