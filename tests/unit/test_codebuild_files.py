"""What ships for CodeBuild: a valid template that allows what a run asks for, and no word that is unknown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecr_push.delivery import codepipeline
from ecr_push.settings import declare as declared
from ecr_push.settings.report_files import parse_report
from tests.support.cloudformation import load_template
from tests.support.documents import fenced
from tests.support.paths import ROOT

FOLDER = ROOT / "codebuild"
TEMPLATE = FOLDER / "template.yaml"
PAGE = (ROOT / "docs" / "codebuild.md").read_text(encoding="utf-8")


@pytest.fixture
def template() -> dict[str, Any]:
    found: dict[str, Any] = load_template(TEMPLATE)
    return found


@pytest.fixture
def resources(template: dict[str, Any]) -> dict[str, Any]:
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
    """Without them neither a private SOURCE can be cloned nor a tag be pushed. AWS writes `yes`."""
    assert spec(name)["env"]["git-credential-helper"] is True


@pytest.mark.parametrize("name", ["buildspec.yml", "fragment.yml"])
def test_what_is_exported_is_cleared_before_it_is_read(name: str) -> None:
    """A variable of the project's own would be exported where ecr-push wrote no file."""
    exported = spec(name)["env"]["exported-variables"]
    clear, read, *rest = spec(name)["phases"]["post_build"]["commands"]
    assert clear == "export " + " ".join(f"{one}=" for one in exported) + "failed"
    assert read == 'if [ -f "$TOOL/run.env" ]; then . "$TOOL/run.env"; fi'
    assert rest[-1] == 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1'


def test_the_cache_keeps_nothing_that_is_taken_unread() -> None:
    """pip checks a download against its hash in its cache too. A wheel that it built, and uv's whole cache,
    is what the last build left there."""
    assert spec("buildspec.yml")["cache"]["paths"] == ["/root/.cache/pip/http-v2/**/*"]


def test_what_is_collected_is_what_is_written() -> None:
    [run] = [one for one in commands("buildspec.yml") if '/ecr-push"' in one]
    written = re.findall(r"--(?:report|result) (\S+)", run)
    formats = {parse_report(name.strip('"')).format for name in written}
    assert formats == {"dotenv", "junit", "html", "sarif", "imagedefinitions", "imagedetail", "json"}
    collected = (
        spec("buildspec.yml")["artifacts"]["files"] + spec("buildspec.yml")["reports"]["ecr-push"]["files"]
    )
    assert set(collected) == {name for name in written if "$" not in name}
    assert len({parse_report(name).format for name in collected} & set(codepipeline.RENDERERS)) == 2


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    known = {declared.environment_name(setting) for setting in declared.options()}
    assert set(re.findall(r"ECR_PUSH_[A-Z_]+", file.read_text(encoding="utf-8"))) <= known


# ------------------------------------------------------------------------- the template


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(TEMPLATE)] == []


def statements(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    [policy] = role["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def test_a_build_may_do_what_docs_registries_lists_and_no_more(resources: dict[str, Any]) -> None:
    [documented] = [
        json.loads(text)
        for page, text in fenced("json")
        if page == "docs/registries.md" and "PushScanPromote" in text
    ]
    wanted = {one["Sid"]: set(one["Action"]) for one in documented["Statement"]}
    for role in ("BuildRole", "PullRequestRole"):
        build = statements(resources[role])
        for sid in ("Login", "PushScanPromote", "EnhancedScanning"):
            assert set(build[sid]["Action"]) == wanted[sid]
        anywhere = {sid for sid, one in build.items() if one["Resource"] == "*"}
        assert anywhere == {"Login", "EnhancedScanning"}, "AWS accepts only * for these"
        assert "*" not in json.dumps([one["Action"] for one in build.values()])
        source = {"codeconnections", "codestar-connections"}
        services = {action.partition(":")[0] for one in build.values() for action in one["Action"]}
        s3 = {"s3"} if role == "BuildRole" else set()
        assert services == source | {"ecr", "inspector2", "logs", "codebuild"} | s3


def test_a_build_may_upload_its_artifacts(resources: dict[str, Any]) -> None:
    """As the policy of a service role in AWS's guide has it, of the one bucket.

    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    build = statements(resources["BuildRole"])
    assert {"s3:PutObject", "s3:GetObject", "s3:GetObjectVersion"} == set(build["Artifacts"]["Action"])
    assert build["Artifacts"]["Resource"] == {"Sub": "${Store.Arn}/*"}
    assert {"s3:GetBucketAcl", "s3:GetBucketLocation"} == set(build["StoreIsOurs"]["Action"])
    assert build["StoreIsOurs"]["Resource"] == {"GetAtt": "Store.Arn"}


def comes_before(name: str, template: dict[str, Any]) -> set[str]:
    """What CloudFormation has made before it makes a resource."""
    resources = template["Resources"]
    named = [*found_functions(resources[name]["Properties"]), resources[name].get("DependsOn", "")]
    direct = set(named) & set(resources)
    return direct.union(*(comes_before(one, template) for one in direct))


def found_functions(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in found_functions(item)]
    if not isinstance(value, dict):
        return []
    if len(value) == 1:
        [(name, argument)] = value.items()
        if name in ("Ref", "GetAtt"):
            return [argument.partition(".")[0]]
        if name == "Sub":
            return [
                one.partition(".")[0] for one in re.findall(r"\$\{([^}]+)\}", argument) if "::" not in one
            ]
    return [one for item in value.values() for one in found_functions(item)]


@pytest.mark.parametrize(
    ("starter", "needed"),
    [
        ("Project", {"BuildRole", "Reports", "Log", "Store", "Images"}),
        ("Pipeline", {"BuildRole", "Reports", "Log", "Store", "Images", "Project", "PipelineRole"}),
        ("PullRequestProject", {"PullRequestRole", "PullRequestReports", "PullRequestLog"}),
    ],
)
def test_what_starts_builds_is_made_when_they_can_run(
    template: dict[str, Any], starter: str, needed: set[str]
) -> None:
    """A webhook starts them as soon as its project is there, and a new pipeline runs at once."""
    assert comes_before(starter, template) >= needed
    policies = {one["Type"] for one in template["Resources"].values()} & {
        "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy",
    }  # fmt: skip
    assert not policies, "a policy apart could come later than what needs it"


def test_the_repository_is_made_where_that_is_asked_for_and_as_for_github(template: dict[str, Any]) -> None:
    images = template["Resources"]["Images"]
    assert template["Parameters"]["CreateRepository"]["Default"] == "no"
    assert template["Conditions"][images["Condition"]] == {"Equals": [{"Ref": "CreateRepository"}, "yes"]}
    theirs = load_template(ROOT / "examples" / "aws" / "github.yaml")["Resources"]["Images"]
    for one in (images, theirs):
        one["Properties"].pop("RepositoryName")
    assert {**images, "Condition": None} == {**theirs, "Condition": None}
    assert images["DeletionPolicy"] == "Retain"


def test_a_pipeline_passes_roles_to_ecs_alone(resources: dict[str, Any]) -> None:
    pipeline = statements(resources["PipelineRole"])
    assert pipeline["TaskRoles"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert {sid for sid, one in pipeline.items() if one["Resource"] == "*"} == {"TaskDefinitions"}


def test_the_pipeline_deploys_the_file_that_is_handed_over(resources: dict[str, Any]) -> None:
    source, image, deploy = (stage["Actions"][0] for stage in resources["Pipeline"]["Stages"])
    assert deploy["Configuration"]["FileName"] in spec("buildspec.yml")["artifacts"]["files"]
    assert deploy["InputArtifacts"] == image["OutputArtifacts"]
    assert source["Configuration"]["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    variables = json.loads(image["Configuration"]["EnvironmentVariables"])
    assert {one["name"] for one in variables} == {"ECR_PUSH_BRANCH", "ECR_PUSH_COMMIT"}
    assert all(one["value"].startswith(f"#{{{source['Namespace']}.") for one in variables)


def shown(language: str, begins: str) -> str:
    [block] = [text for page, text in fenced(language) if page == "docs/codebuild.md" and begins in text]
    return block


def test_blue_green_as_it_is_documented_fits_the_template(
    template: dict[str, Any], resources: dict[str, Any], tmp_path: Path
) -> None:
    """In place of the template's own action: a valid template, whose action finds all that it reads in one
    artifact, and a task definition with the placeholder that it replaces."""
    block = shown("yaml", "Provider: CodeDeployToECS")
    text = TEMPLATE.read_text(encoding="utf-8")
    start = text.index("            - Name: Deploy\n")
    end = text.index("\n\n", start)
    changed = tmp_path / "template.yaml"
    changed.write_text(text[:start] + block.rstrip("\n") + text[end:])
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(changed)] == []

    [action] = yaml.safe_load(block)
    configuration = action["Configuration"]
    image = resources["Pipeline"]["Stages"][1]["Actions"][0]
    assert action["InputArtifacts"] == image["OutputArtifacts"]
    [artifact] = [one["Name"] for one in image["OutputArtifacts"]]
    assert {of for name, of in configuration.items() if "Artifact" in name} == {artifact}
    handed = yaml.safe_load(shown("yaml", "- taskdef.json"))["artifacts"]["files"]
    ours = set(spec("buildspec.yml")["artifacts"]["files"]) - {"imagedefinitions.json"}
    assert set(handed) == ours | {"taskdef.json", "appspec.yaml"}, "the action's own names for them"


def test_the_documented_task_definition_takes_the_deploy_files_image() -> None:
    """As CodeDeployToECS does it: <IMAGE1_NAME> becomes the ImageURI."""
    placeholder = yaml.safe_load(shown("yaml", "Provider: CodeDeployToECS"))[0]["Configuration"][
        "Image1ContainerName"
    ]
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:" + "0" * 64
    definition = json.loads(shown("json", "containerDefinitions").replace(f"<{placeholder}>", image))
    [container] = definition["containerDefinitions"]
    assert container["image"] == image
    [service] = yaml.safe_load(shown("yaml", "TargetService"))["Resources"]
    behind = service["TargetService"]["Properties"]["LoadBalancerInfo"]
    assert behind["ContainerName"] == container["name"]
    assert {"containerPort": behind["ContainerPort"]} in container["portMappings"]


def test_the_project_fills_what_the_buildspec_leaves_open(resources: dict[str, Any]) -> None:
    for project in ("Project", "PullRequestProject"):
        given = {one["Name"] for one in resources[project]["Environment"]["EnvironmentVariables"]}
        ours = {"ECR_PUSH_REPOSITORY", "ECR_PUSH_CONTAINER_NAME"}
        assert given >= {*spec("buildspec.yml")["env"]["variables"], *ours}
    assert resources["Project"]["Source"]["GitCloneDepth"]["If"][2] == 0
    assert resources["PullRequestProject"]["Source"]["GitCloneDepth"] == 0


@pytest.mark.parametrize(
    ("project", "reports", "role"),
    [("Project", "Reports", "BuildRole"), ("PullRequestProject", "PullRequestReports", "PullRequestRole")],
)
def test_a_report_group_has_the_name_that_codebuild_looks_for(
    resources: dict[str, Any], project: str, reports: str, role: str
) -> None:
    """PROJECT-GROUP, and the role may write to it."""
    name = resources[project]["Name"]
    name = name["Sub"] if "Sub" in name else f"${{{name['Ref']}}}"
    [group] = spec("buildspec.yml")["reports"]
    assert resources[reports]["Name"] == {"Sub": f"{name}-{group}"}
    assert statements(resources[role])["Reports"]["Resource"]["Sub"].endswith(f":report-group/{name}-{group}")


def test_a_build_image_is_for_the_machine_that_it_runs_on(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    """ARM_CONTAINER takes no image for amd64, and CodeBuild says so only when a build starts."""
    for name, of in template["Mappings"]["Architectures"].items():
        assert (of["Type"] == "ARM_CONTAINER") == (name == "arm64") == ("aarch64" in of["Image"])
    assert set(template["Parameters"]["Architecture"]["AllowedValues"]) == {"amd64", "arm64"}
    chosen = {"FindInMap": ["Architectures", {"Ref": "Architecture"}, "Type"]}
    for project in ("Project", "PullRequestProject"):
        assert resources[project]["Environment"]["Type"] == chosen


def test_a_build_has_docker_in_one_of_the_two_ways(resources: dict[str, Any]) -> None:
    environment = resources["Project"]["Environment"]
    assert environment["PrivilegedMode"] == {"If": ["HasDockerServer", False, True]}
    assert environment["DockerServer"]["If"][:2] == [
        "HasDockerServer",
        {"ComputeType": {"Ref": "DockerServer"}},
    ]
    assert resources["PullRequestProject"]["Environment"]["PrivilegedMode"] is True


def test_a_pull_request_from_a_fork_starts_nothing_by_itself(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    assert template["Parameters"]["PullRequests"]["Default"] == "no"
    for triggers in (resources["Project"]["Triggers"]["If"][1], resources["PullRequestProject"]["Triggers"]):
        assert triggers["PullRequestBuildPolicy"] == {"RequiresCommentApproval": "FORK_PULL_REQUESTS"}


def test_a_pull_request_that_may_push_leaves_nothing_to_the_next_release(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    """Neither layers, one of which could have the name of a base image, nor packages, nor a Docker server."""
    assert resources["Project"]["Cache"]["If"][:2] == ["PullRequestsPush", {"Type": "NO_CACHE"}]
    assert resources["Project"]["Triggers"]["If"][1]["FilterGroups"][2]["If"][0] == "PullRequestsPush"
    [without] = template["Rules"]["PullRequestsThatPush"]["Assertions"]
    assert without["Assert"] == {"Equals": [{"Ref": "DockerServer"}, "no"]}


def test_a_pull_request_that_is_built_apart_reaches_nothing_of_a_release(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    apart = {
        name for name, one in template["Resources"].items() if one.get("Condition") == "PullRequestsApart"
    }
    assert apart == {"PullRequestProject", "PullRequestReports", "PullRequestLog", "PullRequestRole"}
    for name in apart:
        named = set(found_functions(resources[name]))
        assert not named & (set(template["Resources"]) - apart), name
        assert "ImageRepository" not in named
    project = resources["PullRequestProject"]
    assert project["Cache"] == {"Type": "NO_CACHE"} and project["Artifacts"] == {"Type": "NO_ARTIFACTS"}
    assert "DockerServer" not in project["Environment"]
    [events] = project["Triggers"]["FilterGroups"]
    assert all("PULL_REQUEST_" in one["Pattern"] for one in events), "never a push"
    named_and_other = [one["Assert"]["Not"] for one in template["Rules"]["PullRequestsApart"]["Assertions"]]
    assert named_and_other == [
        [{"Equals": [{"Ref": "PullRequestRepository"}, ""]}],
        [{"Equals": [{"Ref": "PullRequestRepository"}, {"Ref": "ImageRepository"}]}],
    ]


def test_the_documentation_names_every_parameter(template: dict[str, Any]) -> None:
    rows = "".join(
        line for line in PAGE.partition("## The template")[2].splitlines() if line.startswith("| `")
    )
    assert set(template["Parameters"]) <= set(re.findall(r"`([A-Za-z]+)`", rows))
