from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import replace
from itertools import takewhile

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.palette import painted
from ecr_push.base.reference import Tag
from ecr_push.base.severity import Severity
from ecr_push.builder.attestations import attestations_of
from ecr_push.builder.cache import BuildCache
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.preflight import Preflight
from ecr_push.policy.model import Policy
from ecr_push.policy.thresholds import NO_THRESHOLD
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.interface import RepositoryState
from ecr_push.release.moves import TagMoves
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.report import html, markdown, text
from ecr_push.report.next_steps import next_steps
from ecr_push.scan.findings import Finding
from ecr_push.signing.model import Signature
from ecr_push.tags.kinds import ReleaseTag, TagKind
from tests.support.fakes import REPOSITORY, digest
from tests.support.outcomes import (
    ACCEPTED,
    CERTIFI,
    OPENSSL,
    OUTCOMES,
    PLATFORMS,
    PYYAML,
    REFUSED,
    ZLIB,
    accepted_or_refused,
    outcome,
    rule,
    scan,
    with_facts,
)
from tests.support.plans import BRANCH_BUILD, plan


def table(report: str) -> list[list[str]]:
    """The words of each row of the table of findings."""
    lines = report.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("  SEVERITY")) + 1
    rows = lines[begin : lines.index("", begin)]
    return [row.split() for row in takewhile(lambda row: row != "  Where they are:", rows)]


def test_what_to_fix_first_stands_first() -> None:
    """The worst, then what is exploited, then what an update fixes."""
    assert [row[1] for row in table(text.render(REFUSED))] == [
        "CVE-2026-0005",
        "CVE-2026-0001",
        "CVE-2026-0002",
        "CVE-2023-37920",
        "CVE-2026-0003",
    ]


def test_the_most_effective_update_comes_first_with_the_highest_version() -> None:
    report = text.render(REFUSED)
    assert (
        "  update openssl to 3.0.11: fixes 1 CRITICAL, 1 HIGH\n  update certifi to 2023.07.22: fixes 1 HIGH"
        in report
    )
    assert (
        "  remove or replace zlib, or take a newer base image: the scan names no fixed version for 2 of 5 "
        "findings" in report
    )


def test_one_update_is_one_line() -> None:
    report = text.render(outcome(Verdict(False, (rule(CERTIFI),)), scan(CERTIFI)))
    assert "To do: update certifi to 2023.07.22: fixes 1 HIGH.\n" in report


def test_without_fixed_versions_the_packages_are_named() -> None:
    report = text.render(outcome(Verdict(False, (rule(ZLIB),)), scan(ZLIB)))
    assert "To do: remove or replace zlib, or take a newer base image: the scan names no fixed" in report


def test_platforms_are_listed_where_they_differ() -> None:
    rows = {row[1]: row for row in table(text.render(PLATFORMS))}
    assert rows["CVE-2026-0001"][-1] == "linux/arm64"
    assert rows["CVE-2023-37920"][-1] == "2023.07.22"
    assert " ON" not in text.render(REFUSED)


def test_exceptions_that_need_care_the_baseline_and_what_did_not_count() -> None:
    report = text.render(REFUSED)
    place = "(platform, ecr-push.yml, line 7)"
    assert f"exception  CVE-2021-44228 in log4j-core {place} ends on 2026-01-12, in 10 days" in report
    assert "exception  CVE-2020-0002 (kim, vex.yml, line 1) expired on 2025-12-31" in report
    assert "CVE-2020-0003" not in report, "it has a year to go"
    assert report.count("CVE-2020-0001 in bash") == 1, "a warning says it already"
    assert "baseline   latest (sha256:0123456789ab)" in report
    assert "excluded   excepted: 1 CRITICAL; known: 1 UNTRIAGED" in report


@pytest.mark.parametrize("ending", OUTCOMES)
def test_nothing_is_cut_in_a_log(ending: str) -> None:
    assert "…" not in text.render(OUTCOMES[ending]).replace("sha256:…", "")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_on_a_terminal_the_table_fits_and_names_stay_whole(width: int) -> None:
    long = replace(
        OPENSSL, package="a-package-with-a-name-of-some-length" * 3, fixed_in="1.2.3~rc4+really5" * 3
    )
    report = text.render(outcome(Verdict(False, (rule(long, CERTIFI),)), scan(long, CERTIFI)), width=width)
    rows = [line for line in report.splitlines() if line.startswith(("  SEVERITY", "  CRITICAL", "  HIGH"))]
    assert len(rows) == 3
    assert max(map(len, rows)) <= max(width, 74)
    assert "CVE-2023-37920" in report
    assert "…" in rows[1]


def test_a_refusal_without_findings_says_why() -> None:
    report = text.render(OUTCOMES["refused without a finding"])
    assert "error      an exception is over: CVE-2020-0002" in report
    assert "No release tag was moved." in report


def test_an_accepted_image_with_nothing_special_stays_short() -> None:
    assert ACCEPTED.pushed
    assert text.render(ACCEPTED).splitlines()[:5] == [
        "ACCEPTED  team/app 1.4.2",
        f"  image      {ACCEPTED.pushed.reference}",
        "  version    1.4.2: v1.4.2 is tagged on this commit",
        "  scan       enhanced, ACTIVE: 1 LOW",
        "  rule       kept: 0 findings of HIGH or worse, 0 allowed",
    ]


def test_without_a_scan_result_the_command_to_promote_is_printed() -> None:
    kept = replace(OUTCOMES["no answer"], pushed=REFUSED.pushed, candidate=REFUSED.candidate)
    assert REFUSED.pushed and REFUSED.candidate and kept.plan
    candidate = REFUSED.pushed.repository.tagged(REFUSED.candidate)
    tags = " ".join(tag.tag.name for tag in kept.plan.tags)
    given = with_facts(kept, options=("--max-findings", "high=1", "--policy", "my policy.yml"))
    # Another policy could accept what the run's would refuse.
    options = "--max-findings high=1 --policy 'my policy.yml'"
    said = (
        f"Judge and release it, without building it again:\n  ecr-push promote {candidate} {tags} {options}\n"
    )
    assert said in text.render(given)


def test_the_command_to_promote_moves_no_tag_that_follows_a_branch() -> None:
    made = plan(BRANCH_BUILD)
    assert {str(tag) for tag in made.tags if tag.kind is TagKind.BRANCH} == {"main"}
    kept = replace(OUTCOMES["no answer"], plan=made, pushed=REFUSED.pushed, candidate=REFUSED.candidate)
    release = next_steps(kept, 1).release
    assert release
    command = release.command
    assert command.startswith("ecr-push promote ")
    assert set(command.split()[3:]) == {str(tag) for tag in made.tags} - {"main"}


@pytest.mark.parametrize("ending", OUTCOMES)
def test_colours_change_nothing_but_how_it_looks(ending: str) -> None:
    shown = text.render(OUTCOMES[ending], paint=painted)
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == text.render(OUTCOMES[ending])
    assert shown.startswith("\x1b[") and shown.count("\x1b[") % 2 == 0


def test_a_severity_a_broken_rule_and_a_warning_have_their_colour() -> None:
    shown = text.render(REFUSED, paint=painted)
    for words, meaning in (
        ("REFUSED", "bad"),
        ("CRITICAL    ", "critical"),
        ("HIGH        ", "high"),
        ("broken", "bad"),
        ("  warning    ", "warning"),
    ):
        assert painted(words, meaning) in shown
    assert painted("\x1b]0;title\x07", "bad") not in shown


def test_a_plan_says_what_no_run_would_refuse() -> None:
    for policy, said in (
        (Policy(None), f"accept      any finding, {NO_THRESHOLD}, scanned"),
        (Policy(None, exploited="refuse"), f"no finding with a known exploit, {NO_THRESHOLD}, scanned"),
        (Policy(observe=True), "no finding of HIGH or worse, only observed: what this refuses is released"),
    ):
        assert said in text.plan_text(replace(plan(), policy=policy), None)


def test_a_plan_names_the_files_of_other_scanners() -> None:
    made = plan()
    with_others = replace(made, scan=replace(made.scan, others=("a.json", "b.sarif")))
    assert "no finding of HIGH or worse, in a.json, b.sarif too, scanned" in text.plan_text(with_others, None)


def test_a_plan_says_what_is_attested_and_a_report_where_the_verdict_is() -> None:
    made = plan()
    assert "attest" not in text.plan_text(made, None)
    build = replace(made.build, attestations=attestations_of("max", "true"))
    assert "attest      provenance (mode=max), sbom\n" in text.plan_text(replace(made, build=build), None)
    assert "statement" not in text.render(Outcome())
    assert "  statement  team/app@sha256:1\n" in text.render(Outcome(statement="team/app@sha256:1"))


def test_a_plan_says_which_git_tag_a_run_creates() -> None:
    made = plan()
    assert "git tag" not in text.plan_text(made, None)
    released = replace(made, version=replace(made.version, new_git_tag="v1.4.3"))
    shown = text.plan_text(released, None)
    assert "git tag     v1.4.3, created and pushed after the release\n" in shown


def test_a_plan_and_a_report_say_what_signs() -> None:
    planned = Signature("cosign", "awskms:///alias/release", "planned")
    assert "sign        by cosign with awskms:///alias/release\n" in text.plan_text(
        plan(), None, signature=planned
    )
    assert "signature" not in text.render(Outcome(signature=planned))
    signed = replace(planned, result="signed", image="team/app@sha256:1")
    for module in (text, markdown):
        assert "signed by cosign with awskms:///alias/release" in module.render(Outcome(signature=signed))


def test_a_plan_says_which_build_cache_it_reads_and_writes() -> None:
    made = plan()
    assert "cache" not in text.plan_text(made, None)
    cache = BuildCache("ecr", "team/app-cache", ("cache-a", "cache-main"), "cache-a")
    shown = text.plan_text(replace(made, build=replace(made.build, cache=cache)), None)
    assert "cache       team/app-cache: reads cache-a, cache-main; writes cache-a\n" in shown


def test_a_refusal_says_what_decided_what_to_do_and_that_nothing_moved() -> None:
    written = text.render(accepted_or_refused(PYYAML))
    assert "CRITICAL  CVE-2020-14343  pyyaml 5.3.1  5.4" in written
    assert "To do: update pyyaml to 5.4: fixes 1 CRITICAL." in written
    assert "No release tag was moved." in written
    assert "\x1b" not in written


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [Finding(f"CVE-{number:04}", Severity.HIGH) for number in range(50)]
    assert "… and 30 more" in text.render(accepted_or_refused(*many))


@pytest.mark.parametrize("command", ["scan", "verify", "gate", "build"])
@pytest.mark.parametrize("ending", ["refused", "build failed"])
def test_a_command_that_moves_no_tags_does_not_say_that_none_was_moved(command: str, ending: str) -> None:
    found = with_facts(OUTCOMES[ending], command=command)
    for render in (text.render, markdown.render, html.render):
        assert "no release tag was moved" in render(OUTCOMES[ending]).lower()
        assert "no release tag was moved" not in render(found).lower()


def test_a_failed_promotion_does_not_claim_that_nothing_moved() -> None:
    broken = replace(accepted_or_refused(), promoted=(), failure=Failure.of(RegistryError("x"), "promote"))
    assert "No release tag was moved" not in text.render(broken)


def test_tags_that_stayed_are_listed_with_the_reason() -> None:
    kept = replace(accepted_or_refused(), promoted=(PromotedTag(Tag("latest"), "kept", "2.0.0 is higher"),))
    assert "latest: 2.0.0 is higher" in text.render(kept)


def test_a_plan_says_which_tags_stay_with_another_build_of_the_commit() -> None:
    there, made = digest("there"), plan()
    sha, version = made.tags[0], made.tags[1]
    tags = (
        ReleaseTag(Tag("sha-0123456789ab-0a1b2c3d"), TagKind.REBUILD),
        *(replace(tag, kept_by=there) for tag in (sha, version)),
        *made.tags[2:],
    )
    at = {tag.tag: there for tag in made.tags}
    preflight = Preflight(REPOSITORY, RepositoryState(REPOSITORY), at, Future(), TagMoves(tags))
    shown = text.plan_text(made, preflight, locked=True)
    assert "tag         sha-0123456789ab-0a1b2c3d (new)\n" in shown
    assert f"tag         1.4.2 (stays at {there.short}, another build of this commit)\n" in shown
    assert f"tag         latest (now {there.short})\n" in shown
