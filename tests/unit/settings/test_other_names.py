"""Names of other tools: each leads to something that exists, wherever it is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.cli.main import cli
from ecr_push.policy.keys import BY_NAME
from ecr_push.settings import declare as declared
from ecr_push.settings.other_names import HINTS, SAME_AS, SHORT, SHORT_HINTS, meant_by
from tests.support.settings import load_settings

KEYS = {declared.key(one) for one in declared.options()}


@pytest.mark.parametrize("name", SAME_AS)
def test_a_name_leads_to_an_option(name: str) -> None:
    assert SAME_AS[name] in KEYS and name not in KEYS


def test_short_names_lead_to_options_and_are_not_ours() -> None:
    assert {*SHORT.values()} <= KEYS
    ours = {declared.option_help(one).short for one in declared.options()}
    assert not ours & {*SHORT, *SHORT_HINTS}


@pytest.mark.parametrize("name", HINTS)
def test_a_hint_names_what_exists(name: str) -> None:
    # `--context` is an argument: a name of ours, but not a flag.
    assert name not in KEYS - {"context"} and name not in SAME_AS and name not in BY_NAME
    hint = HINTS[name]
    switches = {f"no-{key}" for key in KEYS} | {"move"}
    for flag in re.findall(r"--([a-z-]+)", hint):
        assert flag in KEYS | switches, flag
    for key in re.findall(r"the key (\S+) of a policy", hint):
        assert key in BY_NAME
    for command in re.findall(r"ecr-push ([a-z]+)", hint):
        assert command in cli.commands


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("file: Dockerfile", "there is no setting 'file': it is 'dockerfile' here"),
        ("build_args: [A=b]", "there is no setting 'build_args': it is 'build-arg' here"),
        ("severity: high", "there is no setting 'severity': it is 'fail-on' here"),
        ("ignore-unfixed: true", "it is the key fixable-only of a policy"),
        ("exceptions: []", "it is the key exceptions of a policy: --policy FILE"),
        ("platfrom: linux/amd64", "did you mean 'platform'?"),
    ],
)
def test_in_the_file(written: str, message: str, tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE_NAME).write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(message)):
        load_settings({"context": str(tmp_path), "repository": "team/app"}, {}, command="run")


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("ECR_PUSH_FILE", "there is no such setting: it is ECR_PUSH_DOCKERFILE here"),
        ("ECR_PUSH_PLATFORMS", "there is no such setting: it is ECR_PUSH_PLATFORM here"),
        ("ECR_PUSH_VERBOSE", "there is no such setting: --progress plain logs every line"),
        ("ECR_PUSH_REGOIN", "there is no such setting; did you mean 'ECR_PUSH_REGION'?"),
    ],
)
def test_in_the_environment(variable: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        load_settings({"repository": "team/app"}, {variable: "x"}, command="run")


def test_a_name_of_ours_means_nothing_else() -> None:
    assert meant_by("dockerfile", {one: one for one in KEYS}) == ""
    assert meant_by("--FAIL_ON", {"fail-on": "--fail-on"}) == "it is --fail-on here"
