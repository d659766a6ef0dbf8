from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import xmlschema

from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import RuleResult, Verdict
from ecr_push.report import junit
from tests.support.hostile import HOSTILE, hostile, hostile_failure
from tests.support.outcomes import (
    AMD,
    ARM,
    OPENSSL,
    OUTCOMES,
    PLATFORMS,
    REFUSED,
    WARNED,
    many,
    outcome,
    rule,
    scan,
)

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit-10.xsd")


def cases(found: Outcome) -> dict[tuple[str, str], str]:
    """(class, name) of each test, and how it ended."""
    text = junit.render(found)
    SCHEMA.validate(text)
    root = ElementTree.fromstring(text)
    made = {
        (one.attrib["classname"], one.attrib["name"]): one[0].tag if len(one) else "passed"
        for one in root.iter("testcase")
    }
    assert len(made) == len(list(root.iter("testcase"))), "two tests have one name"
    for suite in (root, *root.iter("testsuite")):
        endings = [one[0].tag if len(one) else "passed" for one in suite.iter("testcase")]
        assert suite.attrib["tests"] == str(len(endings))
        assert suite.attrib["failures"] == str(endings.count("failure"))
        assert suite.attrib["errors"] == str(endings.count("error"))
    return made


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_ending_has_a_test_and_fails_where_the_run_did(ending: str) -> None:
    found = OUTCOMES[ending]
    endings = set(cases(found).values())
    assert endings, "Jenkins takes a file without tests for a mistake"
    assert bool(endings & {"failure", "error"}) == (found.exit_code != 0)
    assert ("error" in endings) == (found.failure is not None)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_leaves_it_valid(kind: str) -> None:
    for found in (hostile(HOSTILE[kind]), hostile_failure(HOSTILE[kind])):
        SCHEMA.validate(junit.render(found))


def test_rules_and_what_decided_fail_and_exceptions_are_skipped() -> None:
    found = cases(REFUSED)
    assert found["ecr-push.image", "no finding of HIGH or worse"] == "failure"
    assert found["ecr-push.image", "CVE-2026-0001 in openssl"] == "failure"
    assert found["ecr-push.image", "CVE-2021-44228 in org.apache.logging.log4j:log4j-core"] == "skipped"
    assert ("ecr-push.image", "CVE-2026-0004 in bash") not in found, "it needs no attention"


def test_a_rule_is_a_test_of_each_platform() -> None:
    found = cases(PLATFORMS)
    rule = "no finding of HIGH or worse"
    assert (found[f"ecr-push.{AMD}", rule], found[f"ecr-push.{ARM}", rule]) == ("failure", "failure")
    assert found[f"ecr-push.{ARM}", "CVE-2026-0001 in openssl"] == "failure"
    assert found["ecr-push.image", "CVE-2023-37920 in certifi"] == "failure", "on all of them: once"


def test_what_failed_is_never_cut_for_what_passed() -> None:
    rules = (*(RuleResult(f"rule {count}", "", 0, 0, ()) for count in range(600)), rule(OPENSSL))
    found = cases(outcome(Verdict(False, rules), scan(OPENSSL)))
    assert len(found) == 500
    assert list(found.values())[:2] == ["failure", "failure"]


def test_what_was_not_scanned_did_not_pass() -> None:
    assert set(cases(WARNED).values()) == {"skipped"}


def test_codebuild_sees_what_failed_of_thousands() -> None:
    found = cases(many(20_000, 4_000))
    assert len(found) == 500
    assert found["ecr-push.image", "no finding of HIGH or worse"] == "failure"
    assert ("ecr-push.image", "what is not listed here") in found
