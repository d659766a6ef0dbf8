"""What every report says about tags that moved or may have moved, and about platforms without a scan."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.registry.image import PlatformImage, PushedImage
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.release.rollback import Named, Rollback
from ecr_push.tags.kinds import classify
from tests.support.fakes import REPOSITORY, digest
from tests.support.outcomes import OUTCOMES

LATEST = classify(["latest"], "")[0]
PUSHED = PushedImage(REPOSITORY, digest("a"), (PlatformImage(digest("a")),), reused=True)
ROLLBACK = Rollback(LATEST, Named(digest("b"), "1.4.2"), Named(digest("a"), "1.4.1"))
READABLE = ("text", "markdown", "comment", "html", "junit")


def shown(outcome: Outcome, name: str) -> str:
    page = RENDERERS[name](outcome)
    if name == "html":
        page = page[page.index("<body") :]
        page = re.sub(r"<[^>]+>", " ", page[: page.find("<script")])
    return " ".join(page.split())


def broken(phase: str, *promoted: PromotedTag, rollback: Rollback | None = None) -> Outcome:
    failure = Failure(phase, "registry", "AWS could not be reached", "", "", 4)
    return Outcome(pushed=PUSHED, promoted=promoted, rollback=rollback, failure=failure)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize(
    "outcome",
    [
        broken("promote"),
        broken("release", PromotedTag(LATEST.tag, "moved")),
        broken("rollback", rollback=ROLLBACK),
        broken("scan", PromotedTag(LATEST.tag, "moved"), rollback=ROLLBACK),
    ],
    ids=["promote", "release", "rollback", "after the rollback"],
)
def test_where_tags_may_have_moved_no_report_says_that_none_was(outcome: Outcome, name: str) -> None:
    assert not re.search(r"(?i)no release tag was moved", shown(outcome, name))


@pytest.mark.parametrize("name", ["text", "markdown", "comment"])
def test_the_tags_that_are_left_are_named(name: str) -> None:
    found = OUTCOMES["accepted"]
    assert found.plan
    first, *rest = found.plan.tags
    failure = Failure("promote", "registry", "AWS could not be reached", "", "", 4)
    ended = replace(found, promoted=(PromotedTag(first.tag, "moved"),), failure=failure)
    left = re.sub(r"[`*:,]", "", shown(ended, name)).rpartition(" left ")[2]
    assert left.split()[: len(rest)] == [one.tag.name for one in rest]
    assert " left " not in re.sub(r"[`*:,]", "", shown(found, name))


@pytest.mark.parametrize("name", ["text", "markdown", "comment", "html"])
def test_where_none_can_have_moved_they_say_so(name: str) -> None:
    assert re.search(r"(?i)no release tag was moved", shown(broken("push"), name))


@pytest.mark.parametrize("name", READABLE)
def test_a_rollback_that_judged_nothing_is_not_a_dry_run(name: str) -> None:
    done = shown(
        Outcome(pushed=PUSHED, rollback=ROLLBACK, promoted=(PromotedTag(LATEST.tag, "moved"),)), name
    )
    assert "latest" in done or name == "junit"
    assert not re.search(r"(?i)dry run|planned", done)
    dry = Outcome(pushed=PUSHED, rollback=ROLLBACK, promoted=(PromotedTag(LATEST.tag, "planned"),))
    assert re.search(r"(?i)planned", shown(dry, name))


@pytest.mark.parametrize("name", ["text", "markdown", "comment", "html"])
def test_where_a_tag_went_back_from_and_to_is_said(name: str) -> None:
    done = shown(
        Outcome(pushed=PUSHED, rollback=ROLLBACK, promoted=(PromotedTag(LATEST.tag, "moved"),)), name
    )
    assert "1.4.1" in done
    # A second rollback would go back one more.
    after = shown(broken("scan", PromotedTag(LATEST.tag, "moved"), rollback=ROLLBACK), name)
    assert "run again" not in after


@pytest.mark.parametrize("name", READABLE)
def test_an_image_without_a_scan_is_not_reported_as_without_findings(name: str) -> None:
    assert "no findings" not in shown(OUTCOMES["not scanned, and let through"], name)
