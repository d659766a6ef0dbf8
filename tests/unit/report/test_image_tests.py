"""Tests of an image in every report; `test_formats.py` has what holds for all of them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace

import pytest

from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.report import document, html, junit, markdown, sarif, text
from ecr_push.report.ci.github import run_annotations
from ecr_push.report.redact import prepare_outcome
from tests.support.outcomes import OUTCOMES, PUSHED, TESTS
from tests.support.plans import plan

FAILED = OUTCOMES["a test failed"]
BOTH = OUTCOMES["refused, and a test failed"]
UNANSWERED = OUTCOMES["no answer, and a test failed"]


def test_the_log_has_each_and_the_last_lines_of_those_that_failed() -> None:
    said = text.render(FAILED)
    assert "  test       passed: in the image: --version, after 1.5 s\n" in said
    assert "  test       failed: ./smoke-test.sh, exit code 3, after 2.0 s\n" in said
    assert "The last lines of ./smoke-test.sh:\n  GET /health\n  expected 200, got 503\n" in said
    assert "No release tag was moved.\nTo inspect the image: " in said
    assert "ecr-push promote" not in said, "it would release what a test refuses"


def test_the_log_says_what_did_not_end() -> None:
    said = text.render(UNANSWERED)
    assert "the run was over before it: ./slow.sh" in said
    assert "not started: ./last.sh" in said


@pytest.mark.parametrize(
    ("tests", "shown"), [((), True), (TESTS[:1], True), (TESTS[:2], False), (TESTS[2:], False)]
)
def test_no_command_is_shown_that_would_release_what_was_not_tested(
    tests: tuple[ImageTestResult, ...], shown: bool
) -> None:
    kept = {"candidate": plan().candidate, "pushed": PUSHED, "tests": tests}
    unanswered = replace(OUTCOMES["no answer"], **kept)
    assert ("ecr-push promote" in text.render(unanswered)) == shown


def test_a_plan_shows_them() -> None:
    said = text.plan_text(plan(), None, "not looked up", tests=TESTS[:2])
    assert "test        in the image: --version\ntest        ./smoke-test.sh\n" in said


def test_the_result_document_has_everything() -> None:
    passed, failed, ended, pending = document.document(UNANSWERED)["tests"]
    assert failed == {
        "command": "./smoke-test.sh",
        "inImage": False,
        "result": "failed",
        "exitCode": 3,
        "why": "exit code 3",
        "seconds": 2.0,
        "output": ["GET /health", "expected 200, got 503"],
    }
    assert (passed["inImage"], passed["why"]) == (True, None)
    assert (ended["result"], pending["result"]) == ("ended", "pending")


def test_junit_has_a_suite_of_them_with_their_times() -> None:
    root = ElementTree.fromstring(junit.render(UNANSWERED))
    (suite,) = [one for one in root if one.get("name") == "tests"]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "2")
    assert suite.get("time") == "3.500"
    (case,) = [one for one in suite if one.find("failure") is not None]
    assert (case.get("name"), case.get("time")) == ("./smoke-test.sh", "2")
    assert "expected 200, got 503" in (case.findtext("failure") or "")


def test_observing_a_policy_does_not_skip_them() -> None:
    observed = replace(OUTCOMES["observed"], tests=TESTS[:2])
    assert observed.status == "test-failed"
    root = ElementTree.fromstring(junit.render(observed))
    assert int(root.get("failures") or 0) > 0


@pytest.mark.parametrize("render", [markdown.render, html.render])
def test_pages_name_it_and_show_its_last_lines(render: Callable[..., str]) -> None:
    for found in (FAILED, BOTH, UNANSWERED):
        page = render(found)
        assert "./smoke-test.sh" in page
        assert "expected 200, got 503" in page
    assert "1 of 2 tests of the image failed" in html.render(FAILED)


def test_an_annotation_comes_before_those_of_findings() -> None:
    first = run_annotations(BOTH).splitlines()[0]
    assert first.startswith("::error title=ecr-push%3A a test of the image failed::failed: ./smoke-test.sh")
    assert first.endswith("expected 200, got 503")


def test_sarif_notes_it() -> None:
    (run,) = json.loads(sarif.render(FAILED))["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["descriptor"]["id"]) == ("error", "test")
    assert note["message"]["text"] == "Test failed: ./smoke-test.sh, exit code 3, after 2.0 s"


def test_secrets_are_removed_from_commands_and_output() -> None:
    shown = prepare_outcome(FAILED, lambda text: text.replace("503", "…").replace("smoke", "…"))
    failed = shown.tests[1]
    assert (failed.test.command, failed.output[-1]) == ("./…-test.sh", "expected 200, got …")
