"""What the user says, against what each CI says, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.options import CiOptions
from ecr_push.settings.ci_overrides import apply_overrides
from ecr_push.settings.declare import Settings, value_of
from ecr_push.settings.load import load_settings
from ecr_push.source.git.clone_repair import _FULL_CLONE
from ecr_push.source.trust import untold_origin
from tests.unit.ci.test_facts import (
    BITBUCKET,
    CODEBUILD,
    GITHUB,
    GITLAB,
    HEAD,
    JENKINS,
    OTHERS_REFS,
    OWN_BRANCHES,
    SHA,
)

ON_BRANCH = {
    "github": {**GITHUB, "GITHUB_REF": "refs/heads/main"},
    "jenkins": {**JENKINS, "BRANCH_NAME": "main"},
    "codebuild": {**CODEBUILD, "CODEBUILD_WEBHOOK_TRIGGER": "branch/main"},
    "gitlab": {**GITLAB, "CI_COMMIT_BRANCH": "main"},
    "bitbucket": {**BITBUCKET, "BITBUCKET_BRANCH": "main"},
}
ON_PULL_REQUEST = {
    "github": {
        **GITHUB,
        "GITHUB_REF": "refs/pull/12/merge",
        "GITHUB_HEAD_REF": "fix",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_NAME": "pull_request",
    },
    "jenkins": {**JENKINS, "CHANGE_ID": "12", "CHANGE_BRANCH": "fix", "CHANGE_TARGET": "main"},
    "codebuild": {
        **CODEBUILD,
        "CODEBUILD_WEBHOOK_TRIGGER": "pr/12",
        "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/fix",
        "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
    },
    "gitlab": {
        **GITLAB,
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_PIPELINE_SOURCE": "merge_request_event",
    },
    "bitbucket": {
        **BITBUCKET,
        "BITBUCKET_PR_ID": "12",
        "BITBUCKET_BRANCH": "fix",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
    },
}


def facts(environ: dict[str, str], **said: Any) -> CiFacts:
    return apply_overrides(read_facts(environ, lambda path: "{}"), CiOptions(**said))


def ref(found: CiFacts) -> tuple[str, ...]:
    return found.branch, found.tag, found.pull_request, found.event, found.base_ref


@pytest.mark.parametrize("ci", ON_BRANCH)
@pytest.mark.parametrize("environs", [ON_BRANCH, ON_PULL_REQUEST], ids=["branch", "pull request"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"branch": "next"}, ("next", "", "", "push", "")),
        ({"tag_ref": "v9"}, ("", "v9", "", "tag", "")),
        ({"pull_request": "34"}, ("", "", "34", "pull_request", "")),
        ({"pull_request": "34", "branch": "next"}, ("next", "", "34", "pull_request", "")),
    ],
)
def test_what_is_said_of_the_ref_replaces_all_that_the_ci_says_of_it(
    ci: str, environs: dict[str, dict[str, str]], said: dict[str, str], expected: tuple[str, ...]
) -> None:
    found = facts(environs[ci], **said)
    assert ref(found) == expected
    assert ref(found.said) == expected
    assert found.commit and found.run_id, "the rest stays"


@pytest.mark.parametrize("ci", ON_PULL_REQUEST)
def test_to_say_what_the_ci_says_changes_nothing(ci: str) -> None:
    branch, request = ON_BRANCH[ci], ON_PULL_REQUEST[ci]
    assert ref(facts(branch, branch="main")) == ref(facts(branch))
    assert ref(facts(request, pull_request="12")) == ref(facts(request))
    assert ref(facts(request))[0] == "fix"


def test_a_schedule_stays_one_on_another_branch() -> None:
    scheduled = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "schedule"}
    assert facts(scheduled, branch="next").event == "schedule"
    assert facts(scheduled, tag_ref="v9").event == "tag"


def test_without_a_word_the_facts_are_the_cis() -> None:
    for environ in ({}, *ON_BRANCH.values(), *ON_PULL_REQUEST.values()):
        assert facts(environ) == read_facts(environ, lambda path: "{}")
        assert facts(environ).said == CiFacts()


def test_in_a_plain_environment_what_is_said_is_all_there_is() -> None:
    found = facts({}, branch="main", commit=SHA, default_branch="main", run_url="https://ci/7", actor="kim")
    assert found == CiFacts(
        branch="main",
        commit=SHA,
        default_branch="main",
        run_url="https://ci/7",
        actor="kim",
        event="push",
        asserted=found.asserted,
    )
    assert found.said.commit == SHA and found.said.default_branch == "main"
    assert found.interactive, "a person may still be looking on"


@pytest.mark.parametrize("ci", ON_BRANCH)
def test_what_the_ci_tells_of_its_commit_it_does_not_tell_of_another(ci: str) -> None:
    same, other = facts(ON_BRANCH[ci], commit=SHA), facts(ON_BRANCH[ci], commit=HEAD)
    assert same.run_sha == SHA
    assert (other.commit, other.run_sha, other.committed_at) == (HEAD, "", None)


@pytest.mark.parametrize("ci", ON_BRANCH)
def test_another_commit_is_not_on_the_runs_branch(ci: str) -> None:
    assert ref(facts(ON_BRANCH[ci], commit=HEAD))[:3] == ("", "", "")
    assert ref(facts(ON_BRANCH[ci], commit=HEAD, branch="next"))[0] == "next"
    assert ref(facts(ON_BRANCH[ci], commit=SHA))[0] == "main"
    assert ref(facts(ON_PULL_REQUEST[ci], commit=HEAD)) == ref(facts(ON_PULL_REQUEST[ci])), (
        "it may be its head"
    )


def test_another_commit_has_not_the_runs_tag() -> None:
    tagged = {**GITHUB, "GITHUB_REF": "refs/tags/v1.0.0"}
    assert facts(tagged, commit=HEAD).tag == ""
    assert facts(tagged, commit=HEAD, tag_ref="v1.0.0").tag == "v1.0.0"


def test_a_ci_that_names_no_commit_runs_for_the_one_that_is_said() -> None:
    """A scripted pipeline of Jenkins, which gives what `checkout` found."""
    scripted = {**ON_BRANCH["jenkins"], "GIT_COMMIT": ""}
    assert facts(scripted, commit=HEAD).branch == "main"


def test_whose_it_is_stays_the_cis_word() -> None:
    comment = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "issue_comment"}
    found = facts(comment, commit=HEAD)
    assert (found.by_anybody, found.own_sha, found.run_sha) == (True, SHA, "")


def test_what_a_ci_tells_of_its_own_run_it_does_not_tell_of_another_pull_request() -> None:
    dispatched = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "workflow_dispatch"}
    assert "does not tell whether pull request 12" in untold_origin(facts(dispatched, pull_request="12"))
    comment = {**ON_BRANCH["github"], "GITHUB_EVENT_NAME": "issue_comment"}
    assert not untold_origin(facts(comment, pull_request="12")), "that goes by the commit"
    assert not untold_origin(facts(dispatched, branch="next"))


@pytest.mark.parametrize("said", OTHERS_REFS)
def test_a_branch_that_is_a_pull_requests_by_its_name(said: str) -> None:
    """Scripts pass on what git calls it: `found.GIT_BRANCH - 'origin/'`."""
    found = facts({**JENKINS, "GIT_COMMIT": ""}, branch=said)
    assert ref(found) == ("", "", "12", "pull_request", "")
    assert (found.fork, found.fork_told) == (True, False)
    assert facts(ON_PULL_REQUEST["bitbucket"], branch=said) == facts(
        ON_PULL_REQUEST["bitbucket"], pull_request="12"
    ), "the run is for it, and the CI has told what it knows"


@pytest.mark.parametrize("said", OWN_BRANCHES)
def test_a_branch_that_only_looks_like_it(said: str) -> None:
    found = facts({**JENKINS, "GIT_COMMIT": ""}, branch=said)
    assert (found.branch, found.pull_request, found.fork) == (said, "", False)


def test_address_and_person_are_overruled_one_by_one() -> None:
    assert facts(JENKINS, actor="kim").run_url == JENKINS["BUILD_URL"]
    assert facts(JENKINS, run_url="https://ci/7").run_url == "https://ci/7"


def test_every_ci_has_a_remedy_for_its_shallow_clones() -> None:
    assert {facts(environ).provider for environ in ON_BRANCH.values()} | {""} == set(_FULL_CLONE)


# ------------------------------------------------------------------------- as settings


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("branch", "feature/x", "feature/x"),
        ("branch", "refs/heads/feature/x", "feature/x"),
        ("branch", "$(id)`id`'\"&|;<>", "$(id)`id`'\"&|;<>"),
        ("tag_ref", "refs/tags/api/v1.2.3", "api/v1.2.3"),
        ("pull_request", "12", "12"),
        ("commit", SHA, SHA),
        ("run_url", "https://ci.example/7?a=b#c", "https://ci.example/7?a=b#c"),
    ],
)
def test_what_may_be_said(name: str, given: str, expected: str) -> None:
    assert value_of(load(name, given), name) == expected


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *(("branch", text) for text in ("a b", "a\nb", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b")),
        *(("branch", text) for text in ("-a", "/a", "a/", "a.", "a//b", "a@{1}", "refs/heads/", "a\x1bb")),
        ("tag_ref", "v1 2"),
        ("pull_request", "12/merge"),
        ("pull_request", "PR-12"),
        ("commit", SHA[:12]),
        ("commit", SHA.upper()),
        ("run_url", "javascript:alert(1)"),
        ("container_name", "team/app"),
    ],
)
def test_what_may_not_be_said(name: str, given: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(name, given)
    assert len(raised.value.problems) == 1
    assert raised.value.problems[0].startswith("--" + name.replace("_", "-"))


@pytest.mark.parametrize(
    "said", [{"branch": "main", "tag_ref": "v1"}, {"pull_request": "1", "tag_ref": "v1"}]
)
def test_a_run_is_for_one_ref(said: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="a run is for one of them"):
        load_settings({"repository": "team/app", **said}, {}, command="run")


def load(name: str, given: str) -> Settings:
    return load_settings({"repository": "team/app", name: given}, {}, command="run")
