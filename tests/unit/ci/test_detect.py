"""Which CI runs us, and what every one of them has."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.ci.detect import PROVIDERS, read_facts
from ecr_push.ci.facts import NO_CI, CiFacts, CiRun, MetadataActionCompat
from tests.support.ci import CODEBUILD, GITHUB, ON_BRANCH, ON_PULL_REQUEST, read


def test_a_github_runner_that_codebuild_hosts_is_github() -> None:
    assert read_facts({**CODEBUILD, **GITHUB}, lambda path: "{}").provider.name == "github"


@pytest.mark.parametrize(
    ("environ", "interactive"),
    [({}, True), ({"CI": "false"}, True), ({"CI": "true"}, False), ({"CI": "1"}, False)],
)
def test_no_ci_that_we_know(environ: dict[str, str], interactive: bool) -> None:
    assert read_facts(environ) == CiFacts(CiRun(interactive=interactive))


@pytest.mark.parametrize("environ", [*ON_BRANCH.values(), {"CI": "true"}])
def test_a_ci_is_unattended(environ: dict[str, str]) -> None:
    assert read_facts(environ, lambda path: "{}").unattended
    assert not CiFacts().unattended


@pytest.mark.parametrize("name", ON_BRANCH)
def test_every_ci_detects_itself_and_advises_on_its_clones(name: str) -> None:
    provider = read(ON_BRANCH[name]).provider
    assert provider.name == name
    assert provider.advice.checkout and provider.advice.full != NO_CI.advice.full
    assert provider in PROVIDERS


def test_every_ci_has_an_environment_here() -> None:
    assert {one.name for one in PROVIDERS} == {*ON_BRANCH, NO_CI.name} == {*ON_PULL_REQUEST, ""}


@pytest.mark.parametrize("length", ["seven", "3", "-7", "٧"])
def test_an_impossible_length_of_commits(length: str) -> None:
    with pytest.raises(SettingsError, match="DOCKER_METADATA_SHORT_SHA_LENGTH"):
        read_facts({"DOCKER_METADATA_SHORT_SHA_LENGTH": length})


def test_what_metadata_actions_variables_ask_for() -> None:
    asked = {"DOCKER_METADATA_SHORT_SHA_LENGTH": "12", "DOCKER_METADATA_PR_HEAD_SHA": "True"}
    assert read_facts({**ON_BRANCH["github"], **asked}, lambda path: "{}").compat == MetadataActionCompat(
        12, head_is_meant=True
    )


@pytest.mark.parametrize("text", ["HEAD", "\u00e9" * 40, "4f1e2d3c4b5a", "a" * 41, "A" * 40])
def test_what_is_not_a_commit_is_not_known(text: str) -> None:
    """A tag is made of it, and a label."""
    facts = read_facts({"JENKINS_URL": "https://ci.example/", "GIT_COMMIT": text})
    assert (facts.ci_ref.commit, facts.ci_ref.run_commit) == ("", "")
