"""What ships for CodeBuild: a valid template that allows what a run asks for, and no word that is unknown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecr_push import settings as declared
from ecr_push.report.formats import FORMATS, parse_report
from tests.unit.test_docs import fenced

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "codebuild"
TEMPLATE = FOLDER / "template.yaml"
PAGE = (ROOT / "docs" / "codebuild.md").read_text(encoding="utf-8")


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as {"Ref": x}, for all of CloudFormation's functions."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {name: loader.construct_sequence(node, deep=True)}


_Loader.add_multi_constructor("!", _function)


@pytest.fixture
def resources() -> dict[str, Any]:
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)
    return {name: one["Properties"] for name, one in template["Resources"].items()}


def spec(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def commands(name: str) -> list[str]:
    return [line for phase in spec(name)["phases"].values() for line in phase["commands"]]


# ------------------------------------------------------------------------- the buildspecs


@pytest.mark.parametrize("name", ["buildspec.yml", "fragment.yml"])
def test_the_documentation_shows_the_files_that_are_tested(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text in [block for page, block in fenced("yaml") if page == "docs/codebuild.md"]


def test_the_fragment_is_a_part_of_the_buildspec() -> None:
    whole, part = commands("buildspec.yml"), commands("fragment.yml")
    for command in part:
        words = set(re.findall(r"\S+", command))
        assert any(words <= set(re.findall(r"\S+", one)) for one in whole), command
    variables = spec("fragment.yml")["env"]["variables"]
    assert variables == spec("buildspec.yml")["env"]["variables"]


@pytest.mark.parametrize("name", ["buildspec.yml", "fragment.yml"])
def test_git_has_the_projects_credentials(name: str) -> None:
    """Without them neither a private SOURCE can be cloned nor a tag be pushed. YAML's `yes`, as AWS has it."""
    assert spec(name)["env"]["git-credential-helper"] is True


@pytest.mark.parametrize("name", ["buildspec.yml", "fragment.yml"])
def test_what_is_exported_is_cleared_before_it_is_read(name: str) -> None:
    """A variable of the project's own would else be exported where ecr-push did not come to write its file."""
    exported = spec(name)["env"]["exported-variables"]
    clear, read, *rest = spec(name)["phases"]["post_build"]["commands"]
    assert clear == "export " + " ".join(f"{one}=" for one in exported) + "failed"
    assert read == 'if [ -f "$TOOL/run.env" ]; then . "$TOOL/run.env"; fi'
    assert rest[-1] == 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1'


def test_what_is_collected_is_what_is_written() -> None:
    [run] = [one for one in commands("buildspec.yml") if '/ecr-push"' in one]
    written = re.findall(r"--(?:report|result) (\S+)", run)
    formats = {parse_report(name.strip('"')).format for name in written}
    assert formats == {"dotenv", "junit", "html", "sarif", "imagedefinitions", "imagedetail", "json"}
    collected = (
        spec("buildspec.yml")["artifacts"]["files"] + spec("buildspec.yml")["reports"]["ecr-push"]["files"]
    )
    assert set(collected) == {name for name in written if "$" not in name}
    handed_over = [name for name in collected if FORMATS[parse_report(name).format].handover]
    assert len(handed_over) == 2


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    known = {declared.environment_name(setting) for setting in declared.options()}
    assert set(re.findall(r"ECR_PUSH_[A-Z_]+", file.read_text(encoding="utf-8"))) <= known


# ------------------------------------------------------------------------- the template


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(TEMPLATE)] == []


def statements(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def test_a_build_may_do_what_docs_registries_lists_and_no_more(resources: dict[str, Any]) -> None:
    [documented] = [
        json.loads(text)
        for page, text in fenced("json")
        if page == "docs/registries.md" and "PushScanPromote" in text
    ]
    wanted = {one["Sid"]: set(one["Action"]) for one in documented["Statement"]}
    build = statements(resources["BuildPolicy"])
    for sid in ("Login", "PushScanPromote", "EnhancedScanning"):
        assert set(build[sid]["Action"]) == wanted[sid]
    anywhere = {sid for sid, one in build.items() if one["Resource"] == "*"}
    assert anywhere == {"Login", "EnhancedScanning"}, "what AWS lets nobody narrow"
    services = {action.partition(":")[0] for one in build.values() for action in one["Action"]}
    assert services == {"ecr", "inspector2", "logs", "codebuild", "s3"}
    assert "*" not in json.dumps([one["Action"] for one in build.values()])


def test_a_pipeline_passes_roles_to_ecs_alone(resources: dict[str, Any]) -> None:
    pipeline = statements(resources["PipelineRole"]["Policies"][0])
    assert pipeline["TaskRoles"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert {sid for sid, one in pipeline.items() if one["Resource"] == "*"} == {"TaskDefinitions"}


def test_the_pipeline_deploys_the_file_that_is_handed_over(resources: dict[str, Any]) -> None:
    source, image, deploy = (stage["Actions"][0] for stage in resources["Pipeline"]["Stages"])
    assert deploy["Configuration"]["FileName"] in spec("buildspec.yml")["artifacts"]["files"]
    assert deploy["InputArtifacts"] == image["OutputArtifacts"]
    assert source["Configuration"]["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    told = json.loads(image["Configuration"]["EnvironmentVariables"])
    assert {one["name"] for one in told} == {"ECR_PUSH_BRANCH", "ECR_PUSH_COMMIT"}
    assert all(one["value"].startswith(f"#{{{source['Namespace']}.") for one in told)


def test_the_project_fills_what_the_buildspec_leaves_open(resources: dict[str, Any]) -> None:
    environment = resources["Project"]["Environment"]
    assert environment["PrivilegedMode"] is True
    given = {one["Name"] for one in environment["EnvironmentVariables"]}
    assert given >= {*spec("buildspec.yml")["env"]["variables"], "ECR_PUSH_REPOSITORY"}
    [group] = spec("buildspec.yml")["reports"]
    assert resources["Reports"]["Name"] == {"Sub": f"${{Project}}-{group}"}
    assert resources["Project"]["Source"]["GitCloneDepth"]["If"][2] == 0


def test_a_pull_request_from_a_fork_starts_nothing_by_itself(resources: dict[str, Any]) -> None:
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)
    assert template["Parameters"]["PullRequests"]["Default"] == "no"
    triggers = resources["Project"]["Triggers"]["If"][1]
    assert triggers["PullRequestBuildPolicy"] == {"RequiresCommentApproval": "FORK_PULL_REQUESTS"}
