"""Events and statements -> the story of one image."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.model import StatedVerdict
from ecr_push.pipeline.story.join import join
from ecr_push.registry.trail import TrailEvent, TrailImage
from tests.support.fakes import HOST, START, digest

OURS, OTHER, STATEMENT = digest("ours"), digest("other"), digest("statement")


def at(minute: float, name: str, *images: tuple[str, str], error: str = "", detail: str = "") -> TrailEvent:
    found = tuple(TrailImage(of, tag) for of, tag in images)
    when = START + timedelta(minutes=minute)
    return TrailEvent(str(minute), name, when, "arn:x", "docker", "1.2.3.4", found, error, detail)


def story(events: Sequence[TrailEvent], *verdicts: StatedVerdict) -> list[tuple[str, str]]:
    attached = {STATEMENT.value: "the statement of its verdict"}
    return [(one.kind, one.what) for one in join(OURS, events, verdicts, attached)]


ours = OURS.value
POLICY = f"sha256:{'5' * 64}"
PUSHED = at(0, "PutImage", (ours, "1.0"))


def test_a_tag_comes_and_goes_and_a_repetition_is_not_said_again() -> None:
    assert story(
        [
            PUSHED,
            at(1, "PutImage", (ours, "latest")),
            at(2, "PutImage", (ours, "latest")),
            at(3, "PutImage", (OTHER.value, "other")),
            at(4, "PutImage", (OTHER.value, "latest"), error="AccessDenied"),
            at(5, "PutImage", (OTHER.value, "latest")),
            at(6, "PutImage", (STATEMENT.value, "")),
        ]
    ) == [
        ("pushed", "1.0"),
        ("tagged", "latest"),
        ("left", f"latest went to {OTHER.short}"),
        ("attached", "the statement of its verdict"),
    ]


def test_its_last_tag_takes_the_image_with_it() -> None:
    removed = at(1, "BatchDeleteImage", ("", "latest"))
    assert story([PUSHED, removed]) == [("pushed", "1.0")], "that tag was another image's"
    both = [PUSHED, at(1, "PutImage", (ours, "latest")), at(2, "BatchDeleteImage", ("", "latest"))]
    assert story(both)[-1] == ("untagged", "latest")
    last = at(3, "BatchDeleteImage", (ours, "1.0"))
    assert story([*both, last])[-1] == ("deleted", "1.0, its last tag: ECR deletes an image with that")
    whole = at(3, "BatchDeleteImage", (ours, ""))
    assert story([PUSHED, whole])[-1] == ("deleted", "by its digest, with its tags 1.0")


def test_an_image_that_is_there_did_not_lose_its_last_tag() -> None:
    """It had one from before the events begin."""
    found = join(OURS, [PUSHED, at(1, "BatchDeleteImage", (ours, "1.0"))], (), {}, START)
    assert [(one.kind, one.what) for one in found] == [("pushed", "1.0"), ("untagged", "1.0")]


def test_a_lifecycle_policy_and_what_is_of_the_repository() -> None:
    events = [
        PUSHED,
        at(1, "PutImageTagMutability", detail="IMMUTABLE"),
        at(2, "UpdateImageStorageClass", (ours, ""), detail="ARCHIVE"),
        at(3, "PolicyExecutionEvent", (OTHER.value, "2.0")),
        at(4, "PolicyExecutionEvent", (ours, "1.0")),
        at(5, "DeleteRepository"),
    ]
    assert story(events)[1:] == [
        ("repository", "its tags were made IMMUTABLE"),
        ("stored", "archive"),
        ("expired", "by a lifecycle policy, with its tags 1.0"),
        ("repository", "it was deleted, with all images"),
    ]


def test_a_release_before_its_verdict_is_pointed_out() -> None:
    verdict = StatedVerdict("accepted", POLICY, START + timedelta(minutes=2), {Severity.HIGH: 1})
    events = [
        at(0, "PutImage", (ours, "candidate-0123456789ab-1")),
        at(1, "PutImage", (ours, "latest")),
        at(3, "PutImage", (ours, "1.0")),
    ]
    found = join(OURS, events, [verdict], {})
    assert [(one.kind, bool(one.note)) for one in found] == [
        ("pushed", False),
        ("tagged", True),
        ("judged", False),
        ("tagged", False),
    ]
    assert found[2].what == "accepted by the policy sha256:555555555555, 1 high"


def test_a_verdict_without_a_scan_is_when_it_was_attached_or_the_image_was_pushed() -> None:
    reference = f"{HOST}/team/app@{STATEMENT}"
    verdict = StatedVerdict("accepted", POLICY, None, reference=reference, unscannable=True)
    events = [PUSHED, at(5, "PutImage", (STATEMENT.value, ""))]
    found = join(OURS, events, [verdict], {})
    assert [(one.kind, one.at - START) for one in found][1:] == [("judged", timedelta(minutes=5))]
    assert found[1].what.endswith(", not scanned") and not found[0].note
    [alone] = join(OURS, [], [verdict], {}, START)
    assert (alone.kind, alone.at) == ("judged", START)
    assert join(OURS, [], [verdict], {}) == ()
