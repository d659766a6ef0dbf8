from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ecr_push.base.errors import BuildError, Interrupted, RegistryError, ScanError
from ecr_push.base.reference import Tag
from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.policy.judge import judge
from ecr_push.policy.model import make_policy
from ecr_push.registry.image import PlatformImage, PushedImage
from ecr_push.release.promote import PromotedTag
from ecr_push.report import document, text
from ecr_push.scan.findings import Finding, PlatformScan, ScanReport
from tests.support.fakes import REPOSITORY, START, digest
from tests.support.outcomes import with_facts
from tests.support.plans import plan

IMAGE = digest("image")
PUSHED = PushedImage(REPOSITORY, IMAGE, (PlatformImage(IMAGE),))
BAD = Finding("CVE-2020-14343", Severity.CRITICAL, "pyyaml", "5.3.1", "5.4", "Code runs\x1b[31m", score=9.8)


def outcome(*findings: Finding) -> Outcome:
    scan = ScanReport("basic", (PlatformScan(IMAGE, "", "COMPLETE", findings),))
    verdict = judge(scan, make_policy(None, None, "refuse"), today=START.date())
    promoted = tuple(PromotedTag(tag.tag, "moved") for tag in plan().tags) if verdict.accepted else ()
    return Outcome(
        plan(),
        None,
        PUSHED,
        candidate=None if verdict.accepted else plan().candidate,
        scan=scan,
        verdict=verdict,
        promoted=promoted,
    )


def failed(error: BuildError | ScanError | RegistryError | Interrupted, phase: str) -> Outcome:
    return Outcome(plan(), failure=Failure.of(error, phase))


@pytest.mark.parametrize(
    ("found", "status", "code"),
    [
        (outcome(), "accepted", 0),
        (outcome(BAD), "refused", 10),
        (failed(BuildError("x"), "build"), "failed", 3),
        (failed(RegistryError("x"), "push"), "failed", 4),
        (failed(ScanError("x"), "scan"), "no-answer", 5),
        (failed(Interrupted(2), "scan"), "interrupted", 130),
        (failed(Interrupted(15), "scan"), "interrupted", 143),
        (Outcome(plan()), "planned", 0),
        (Outcome(plan(), checked="why"), "checked", 0),
        (replace(outcome(), failure=Failure.of(RegistryError("x"), "promote")), "failed", 4),
    ],
)
def test_status_and_exit_code_agree_in_every_report(found: Outcome, status: str, code: int) -> None:
    written = document.document(found)
    assert (found.status, found.exit_code) == (status, code)
    assert (written["status"], written["exitCode"]) == (status, code)
    assert text.render(found).startswith(status.upper())


def test_the_document_has_the_same_keys_on_every_path() -> None:
    keys = [
        set(document.document(one))
        for one in (outcome(), outcome(BAD), Outcome(), failed(ScanError("x"), "scan"))
    ]
    assert all(one == keys[0] for one in keys)


def test_the_document_of_an_accepted_image() -> None:
    written = json.loads(document.render(outcome()))
    assert written["documentVersion"] == 1
    assert written["image"]["reference"] == f"{REPOSITORY}@{IMAGE}"
    assert written["version"] == "1.4.2"
    assert {one["result"] for one in written["tags"]} == {"moved"}
    assert written["candidate"] is None
    assert written["verdict"]["accepted"] is True


def test_the_document_of_a_refused_image() -> None:
    written = json.loads(document.render(outcome(BAD)))
    assert [one["id"] for one in written["verdict"]["deciding"]] == ["CVE-2020-14343"]
    assert {one["result"] for one in written["tags"]} == {"pending"}
    assert written["candidate"].startswith("candidate-")
    counts = written["scan"]["platforms"][0]["counts"]
    assert (counts["CRITICAL"], counts["HIGH"], counts["UNTRIAGED"]) == (1, 0, 0)


def test_a_refusal_says_what_decided_what_to_do_and_that_nothing_moved() -> None:
    written = text.render(outcome(BAD))
    assert "CRITICAL  CVE-2020-14343  pyyaml 5.3.1  5.4" in written
    assert "To do: update pyyaml to 5.4." in written
    assert "No release tag was moved." in written
    assert "\x1b" not in written


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [Finding(f"CVE-{number:04}", Severity.HIGH) for number in range(50)]
    assert "… and 30 more" in text.render(outcome(*many))


def test_a_failed_promotion_does_not_claim_that_nothing_moved() -> None:
    broken = replace(outcome(), promoted=(), failure=Failure.of(RegistryError("x"), "promote"))
    assert "No release tag was moved" not in text.render(broken)


def test_tags_that_stayed_are_listed_with_the_reason() -> None:
    kept = replace(outcome(), promoted=(PromotedTag(Tag("latest"), "kept", "2.0.0 is higher"),))
    assert "latest: 2.0.0 is higher" in text.render(kept)


def test_a_sandbox_says_so() -> None:
    assert "not AWS" in text.render(with_facts(outcome(), sandbox=True))
    assert document.document(with_facts(outcome(), sandbox=True))["sandbox"] is True
