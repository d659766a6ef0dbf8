"""`ecr-push audit`, with a registry in memory: tests/integration/test_audit.py has CloudTrail over HTTP."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.cli import reach
from ecr_push.registry.trail import LIFECYCLE, Found, TrailEvent, TrailImage
from tests.support.fakes import START, digest
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

CLEAN = IMAGES["clean"].digest
EVENTS = (
    TrailEvent("1", "PutImage", START, "arn:aws:iam::1:user/kim", images=(TrailImage(CLEAN.value, "gone"),)),
)


class FakeTrail:
    found: Found | RegistryError = Found(EVENTS, ("PutImage",))

    def events(self, repository: str, since: datetime, most_pages: int) -> Found:
        assert repository == "team/app" and most_pages > 1
        if isinstance(self.found, RegistryError):
            raise self.found
        return self.found


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> FakeTrail:
    trail = FakeTrail()
    monkeypatch.setattr(reach.Reach, "trail", lambda own, repository: trail)
    return trail


def test_a_tag_that_is_gone_is_found_by_its_events(console: Console, trail: FakeTrail) -> None:
    assert console.run("audit", "team/app:gone", "--output", "json") == 0
    story = json.loads(console.out)
    assert story["image"].endswith(f"@{CLEAN}")
    assert story["tags"] == ["clean"]
    assert [(one["kind"], one["who"]) for one in story["entries"]] == [("pushed", "arn:aws:iam::1:user/kim")]
    assert story["unread"] == ["older events of PutImage: the account has more than 2,000 of them"]


def test_without_cloudtrail_there_is_what_the_registry_knows(console: Console, trail: FakeTrail) -> None:
    console.registry.tags["stable"] = CLEAN
    assert console.run("promote", "team/app:stable", "next", "--attest-verdict") == 0
    trail.found = RegistryError("AWS refused cloudtrail:LookupEvents", why="AccessDenied", remedy="allow it")
    assert console.run("audit", "team/app:next") == 0
    lines = console.out.splitlines()
    assert "tagged clean, next, stable" in lines[1]
    assert "judged  accepted by the policy sha256:" in console.out
    assert "  CloudTrail: AWS refused cloudtrail:LookupEvents: AccessDenied. To do: allow it" in lines


def test_an_image_that_is_gone_has_a_story_by_its_digest(console: Console, trail: FakeTrail) -> None:
    gone = digest("gone")
    removed = TrailEvent("2", LIFECYCLE, START, images=(TrailImage(gone.value, "1.0"),))
    trail.found = Found((removed,))
    assert console.run("audit", f"team/app@{gone}", "--html", "story.html") == 0
    assert "expired  by a lifecycle policy, with its tags 1.0" in console.out
    assert "the image is not there any more" in console.out
    assert "by a lifecycle policy" in Path("story.html").read_text()


def test_mistakes(console: Console, trail: FakeTrail) -> None:
    assert console.run("audit", "team/app") == 2
    assert "IMAGE: 'team/app' is not a valid image name" in console.err
    assert console.run("audit", "team/app:absent") == 4
    assert "there is no image team/app:absent, and no event of it in 90 days" in console.err
    assert console.run("audit", "team/app:clean", "--days", "91") == 2
    trail.found = RegistryError("AWS refused cloudtrail:LookupEvents")
    assert console.run("audit", "team/app:absent") == 4
    assert "not read: CloudTrail: AWS refused cloudtrail:LookupEvents" in console.err
