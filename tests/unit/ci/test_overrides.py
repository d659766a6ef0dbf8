"""What the user says, in place of what each CI says, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.ci.options import CiOptions
from ecr_push.ci.overrides import apply_overrides
from ecr_push.source.trust import unreported_origin_note
from tests.support.ci import (
    BRANCHES_LIKE_REQUESTS,
    GITHUB,
    HEAD,
    JENKINS,
    ON_BRANCH,
    ON_PULL_REQUEST,
    PULL_REQUEST_REFS,
    SHA,
    read,
)


def facts(environ: dict[str, str], **given: Any) -> CiFacts:
    return apply_overrides(read(environ), CiOptions(**given))


def ref(found: CiFacts) -> tuple[str, ...]:
    return named(found.ref)


def named(ref: Ref) -> tuple[str, ...]:
    return ref.branch, ref.tag, ref.pull_request, ref.event, ref.base


@pytest.mark.parametrize("ci", ON_BRANCH)
@pytest.mark.parametrize("environs", [ON_BRANCH, ON_PULL_REQUEST], ids=["branch", "pull request"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"branch": "next"}, ("next", "", "", "push", "")),
        ({"tag_ref": "v9"}, ("", "v9", "", "tag", "")),
        ({"pull_request": "34"}, ("", "", "34", "pull_request", "")),
        ({"pull_request": "34", "branch": "next"}, ("next", "", "34", "pull_request", "")),
    ],
)
def test_an_option_for_the_ref_replaces_all_that_the_ci_says_of_it(
    ci: str, environs: dict[str, dict[str, str]], given: dict[str, str], expected: tuple[str, ...]
) -> None:
    found = facts(environs[ci], **given)
    assert ref(found) == expected
    assert named(found.user_ref) == expected
    assert found.ref.commit and found.run.id, "the rest stays"


@pytest.mark.parametrize("ci", ON_PULL_REQUEST)
def test_an_option_that_agrees_with_the_ci_changes_nothing(ci: str) -> None:
    branch, request = ON_BRANCH[ci], ON_PULL_REQUEST[ci]
    assert ref(facts(branch, branch="main")) == ref(facts(branch))
    assert ref(facts(request, pull_request="12")) == ref(facts(request))
    assert ref(facts(request))[0] == "fix"


def test_a_schedule_stays_one_on_another_branch() -> None:
    scheduled = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "schedule"}
    assert facts(scheduled, branch="next").ref.event == "schedule"
    assert facts(scheduled, tag_ref="v9").ref.event == "tag"


def test_without_options_the_facts_are_the_cis() -> None:
    for environ in ({}, *ON_BRANCH.values(), *ON_PULL_REQUEST.values()):
        assert facts(environ) == read(environ)
        assert facts(environ).user_ref == Ref()


def test_without_a_ci_the_options_are_all_there_is() -> None:
    found = facts({}, branch="main", commit=SHA, default_branch="main", run_url="https://ci/7", actor="kim")
    assert found.ref == found.user_ref
    assert found.ref == Ref(branch="main", commit=SHA, default_branch="main", event="push")
    assert (found.run.url, found.run.actor) == ("https://ci/7", "kim")
    assert found.run.interactive, "a person may still be watching"


@pytest.mark.parametrize("ci", ON_BRANCH)
def test_what_the_ci_says_of_its_commit_does_not_hold_for_another(ci: str) -> None:
    same, other = facts(ON_BRANCH[ci], commit=SHA), facts(ON_BRANCH[ci], commit=HEAD)
    assert same.ref.run_commit == SHA
    assert (other.ref.commit, other.ref.run_commit, other.ref.committed_at) == (HEAD, "", None)


@pytest.mark.parametrize("ci", ON_BRANCH)
def test_another_commit_is_not_on_the_runs_branch(ci: str) -> None:
    assert ref(facts(ON_BRANCH[ci], commit=HEAD))[:3] == ("", "", "")
    assert ref(facts(ON_BRANCH[ci], commit=HEAD, branch="next"))[0] == "next"
    assert ref(facts(ON_BRANCH[ci], commit=SHA))[0] == "main"
    assert ref(facts(ON_PULL_REQUEST[ci], commit=HEAD)) == ref(facts(ON_PULL_REQUEST[ci])), (
        "it may be its head"
    )


def test_another_commit_does_not_have_the_runs_tag() -> None:
    tagged = {**GITHUB, "GITHUB_REF": "refs/tags/v1.0.0"}
    assert facts(tagged, commit=HEAD).ref.tag == ""
    assert facts(tagged, commit=HEAD, tag_ref="v1.0.0").ref.tag == "v1.0.0"


def test_a_ci_that_names_no_commit_runs_for_the_one_that_the_user_names() -> None:
    """A scripted pipeline of Jenkins, which gives what `checkout` found."""
    scripted = {**ON_BRANCH["jenkins"], "GIT_COMMIT": ""}
    assert facts(scripted, commit=HEAD).ref.branch == "main"


def test_options_do_not_change_whose_code_it_is() -> None:
    comment = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "issue_comment"}
    found = facts(comment, commit=HEAD)
    assert (found.trust.anyone_can_start, found.trust.trusted_commit, found.ref.run_commit) == (True, SHA, "")


def test_facts_of_the_run_do_not_apply_to_another_pull_request() -> None:
    dispatched = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "workflow_dispatch"}
    assert "does not report whether pull request 12" in unreported_origin_note(
        facts(dispatched, pull_request="12")
    )
    comment = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "issue_comment"}
    assert not unreported_origin_note(facts(comment, pull_request="12")), "that goes by the commit"
    assert not unreported_origin_note(facts(dispatched, branch="next"))


@pytest.mark.parametrize("given", PULL_REQUEST_REFS)
def test_a_branch_that_is_a_pull_request_by_its_name(given: str) -> None:
    """Scripts pass on what git calls it: `found.GIT_BRANCH - 'origin/'`."""
    found = facts({**JENKINS, "GIT_COMMIT": ""}, branch=given)
    assert ref(found) == ("", "", "12", "pull_request", "")
    assert found.trust.origin == "maybe fork"
    request = ON_PULL_REQUEST["bitbucket"]
    assert facts(request, branch=given) == facts(request, pull_request="12"), "the run is for it"


@pytest.mark.parametrize("given", BRANCHES_LIKE_REQUESTS)
def test_a_branch_that_only_looks_like_it(given: str) -> None:
    found = facts({**JENKINS, "GIT_COMMIT": ""}, branch=given)
    assert (found.ref.branch, found.ref.pull_request, found.trust.is_fork) == (given, "", False)


def test_url_and_actor_are_overridden_one_by_one() -> None:
    assert facts(JENKINS, actor="kim").run.url == JENKINS["BUILD_URL"]
    assert facts(JENKINS, run_url="https://ci/7").run.url == "https://ci/7"
