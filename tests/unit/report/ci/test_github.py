"""An outcome as GitHub's outputs, summary and annotations, whichever way a run ends."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import BuildError, SettingsError
from ecr_push.delivery.codepipeline import render_dotenv
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import RELEASABLE, STATUSES, Outcome
from ecr_push.report.ci.github import OUTPUTS, GithubOutput, output_text, outputs, run_annotations
from ecr_push.report.ci.github_log import ANNOTATIONS
from ecr_push.report.document import document
from ecr_push.settings.report_files import FORMATS, ReportFile
from tests.support.github_runner import read_command, read_outputs
from tests.support.outcomes import ACCEPTED, OUTCOMES, PLATFORMS, PUSHED, REFUSED, many, with_facts


@given(
    st.dictionaries(st.sampled_from(list(OUTPUTS)), st.text(alphabet=st.characters(exclude_characters="\r")))
)
def test_values_are_read_as_they_were_written(values: dict[str, str]) -> None:
    assert read_outputs(output_text(values)) == values


def test_a_value_cannot_end_early() -> None:
    """Where the value contains the delimiter, another one is chosen."""
    delimiters = iter(["known", "known", "fresh"])
    values = {"tags": "one\nknown\nimage<<x\nevil\nx"}
    assert read_outputs(output_text(values, lambda: next(delimiters))) == values


def test_delimiters_are_random() -> None:
    used = re.findall("<<(.*)", output_text({"a": "", "b": ""}) + output_text({"a": "", "b": ""}))
    assert len(set(used)) == 4 and all(len(one) == 32 for one in used)


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_output_is_set_on_every_path(name: str) -> None:
    found = outputs(OUTCOMES[name])
    assert list(found) == list(OUTPUTS)
    assert found["exit-code"] == str(OUTCOMES[name].exit_code)
    assert json.loads(found["tags-json"]) == found["tags"].split()
    # An image is named where it was released, and nowhere else: what deploys may go by that.
    assert bool(found["image"]) == (found["verdict"] in RELEASABLE)


@pytest.mark.parametrize("name", OUTCOMES)
def test_outputs_document_and_dotenv_state_the_same_verdict(name: str) -> None:
    outcome = OUTCOMES[name]
    words = {outputs(outcome)["verdict"], document(outcome)["status"], read_dotenv(render_dotenv(outcome))}
    assert words == {outcome.status} <= set(STATUSES)


def read_dotenv(text: str) -> str:
    return dict(line.split("=", 1) for line in text.splitlines())["VERDICT"]


def test_a_dry_run_of_a_promotion_hands_nothing_out() -> None:
    planned = tuple(replace(one, result="planned") for one in ACCEPTED.promoted)
    assert outputs(replace(ACCEPTED, promoted=planned))["image"] == ""


def test_where_the_image_is_and_what_it_was_made_from() -> None:
    assert ACCEPTED.plan
    found = outputs(ACCEPTED)
    assert found["repository"] == PUSHED.repository.uri
    assert found["commit"] == ACCEPTED.plan.source.commit


def test_every_report_that_was_asked_for_has_an_output() -> None:
    found = outputs(ACCEPTED, [ReportFile(name, f"/{name}") for name in FORMATS])
    assert {name: found["result" if name == "json" else name] for name in FORMATS} == {
        name: f"/{name}" for name in FORMATS
    }


def test_wrong_settings_have_outputs_too() -> None:
    error = SettingsError(["--repository: is required"])
    found = outputs(Outcome(failure=Failure.of(error, "settings")))
    assert (found["verdict"], found["exit-code"], found["critical"]) == ("failed", "2", "unknown")


def test_no_scan_differs_from_no_findings() -> None:
    """An empty text would be equal to 0 in a workflow's `if:`."""
    assert outputs(replace(ACCEPTED, scan=None, verdict=None))["high"] == "unknown"
    assert outputs(ACCEPTED)["high"].isdigit()


def test_findings_on_several_platforms_count_once() -> None:
    assert PLATFORMS.scan
    found = outputs(PLATFORMS)
    distinct = {
        (one.severity, one.id, one.package, one.version)
        for platform in PLATFORMS.scan.platforms
        for one in platform.findings
    }
    assert sum(json.loads(found["counts-json"]).values()) == len(distinct)
    assert len(distinct) < sum(len(one.findings) for one in PLATFORMS.scan.platforms)


def test_reports_are_named_by_their_format_and_the_first_one_counts() -> None:
    files = [ReportFile("json", "/r.json"), ReportFile("html", "/mine.html"), ReportFile("html", "/b.html")]
    found = outputs(ACCEPTED, files)
    assert (found["result"], found["html"], found["sarif"]) == ("/r.json", "/mine.html", "")


@pytest.mark.parametrize("name", OUTCOMES)
def test_annotations_are_commands_and_no_more_than_github_keeps(name: str) -> None:
    lines = run_annotations(OUTCOMES[name]).splitlines()
    commands = [read_command(line) for line in lines]
    assert None not in commands and len(commands) <= ANNOTATIONS
    mild = {"checked": "notice", "observed": "warning"}.get(OUTCOMES[name].status)
    checks = OUTCOMES[name].build_checks
    assert bool(commands) == (bool(mild) or bool(OUTCOMES[name].exit_code) or bool(checks))
    assert {one[0] for one in commands if one} <= {mild or "error", *(("warning",) if checks else ())}


def test_a_refusal_says_first_what_was_broken_then_what_to_fix() -> None:
    refused = with_facts(REFUSED, dockerfile="app/Dockerfile")
    first, *others = [read_command(line) for line in run_annotations(refused).splitlines()]
    assert first and first[1] == {"file": "app/Dockerfile", "title": "ecr-push: the policy refused the image"}
    assert "no finding of HIGH or worse" in first[2]
    [openssl] = [one for one in others if one and one[1]["title"] == "CRITICAL CVE-2026-0001"]
    assert openssl[2].startswith("openssl 3.0.9, fixed in 3.0.10\n")


def test_what_was_only_checked_is_not_an_error() -> None:
    [notice] = map(read_command, run_annotations(Outcome(checked="from a fork: not pushed")).splitlines())
    assert notice and notice[0] == "notice" and notice[2] == "from a fork: not pushed"


def test_the_summary_of_thousands_of_findings_fits() -> None:
    messages = GithubOutput("/outputs", "/summary").messages_for(many(20_000, 4_000), [])
    assert len(messages.files["/summary"].encode()) <= 1024 * 1024
    assert len(messages.log.splitlines()) == ANNOTATIONS


def test_a_file_that_the_runner_does_not_name_is_not_written() -> None:
    assert not GithubOutput("", "").messages_for(ACCEPTED, []).files


def test_the_candidate_is_named_where_it_is_kept() -> None:
    kept = replace(REFUSED, pushed=PUSHED)
    assert outputs(kept)["candidate"] and not outputs(ACCEPTED)["candidate"]


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("Dockerfile:7: RUN make: exit code 2", "file=images/app/Dockerfile,line=7,"),
        ("no Docker engine answers", ""),
    ],
)
def test_a_step_that_failed_is_annotated_at_its_line(what: str, place: str) -> None:
    failed = replace(ACCEPTED, failure=Failure.of(BuildError(what, why="make: *** No rule"), "build"))
    said = run_annotations(failed)
    assert f"::error {place}title=ecr-push%3A failed in phase build::{what}" in said
    assert "%0Amake: *** No rule" in said


def test_what_docker_finds_is_annotated_at_its_line() -> None:
    found = with_facts(OUTCOMES["accepted, with build checks"], dockerfile="app/Dockerfile")
    first, second = run_annotations(found).splitlines()
    assert first.startswith("::warning file=app/Dockerfile,line=1,title=FromAsCasing::'as' and 'FROM'")
    assert second.startswith("::warning file=app/Dockerfile,line=5,title=JSONArgsRecommended::")
    failed = run_annotations(OUTCOMES["build checks"]).splitlines()
    assert [one.partition(" ")[0] for one in failed] == ["::error", "::warning", "::warning"]
