"""What the registry may say: missing, closed, taken, slow, broken. And what a run does about it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.model import Mutability
from ecr_push.sandbox.server import Sandbox
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


def test_a_missing_repository_is_found_before_the_build(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 4
    assert f"there is no repository {registry.sandbox.host}/{REPOSITORY}" in run.stderr
    assert "--create-repository" in run.stderr
    assert "docker buildx" not in run.stderr
    assert not registry.pushed_to


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_either_variable_names_the_region(cli: CommandLine, project: GitRepository, name: str) -> None:
    for one in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        del cli.environ[one]
    cli.environ |= {name: "eu-south-2", "AWS_CONFIG_FILE": "/nonexistent"}
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 4
    assert "eu-south-2" in run.stderr, "the region that was asked"


@pytest.mark.parametrize(
    ("floating", "mutability", "exclusions"),
    [
        ("all", "MUTABLE_WITH_EXCLUSION", {"sha-*", "claim-*"}),
        ("latest", "IMMUTABLE_WITH_EXCLUSION", {"candidate-*", "dirty-*", "latest"}),
    ],
)
def test_a_repository_that_is_created(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    floating: str,
    mutability: str,
    exclusions: set[str],
) -> None:
    flags = ("-r", REPOSITORY, "--create-repository", "--floating-tags", floating)
    run = cli.run(project.root, *flags)
    assert run.code == 0, run.stderr
    assert run.document["createdRepository"] == f"{registry.sandbox.host}/{REPOSITORY}"
    [made] = registry.api().describe_repositories(repositoryNames=[REPOSITORY])["repositories"]
    assert made["imageTagMutability"] == mutability
    assert {one["filter"] for one in made["imageTagMutabilityExclusionFilters"]} == exclusions
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made["encryptionConfiguration"]["encryptionType"] == "AES256"
    for part in ("created", "scan on push", "AES256", mutability):
        assert part in run.stderr
    # The next release goes into the same repository, whatever ECR freezes in it.
    project.commit()
    project.tag("v1.5.0")
    again = cli.run(project.root, *flags)
    assert again.code == 0, again.stderr
    assert again.document["createdRepository"] is None
    assert {registry.tags()[name] for name in ("1.5.0", "latest")} == {again.digest}
    assert registry.tags()["1.4.2"] == run.digest


def test_a_lifecycle_policy_that_will_take_the_release_is_a_warning(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    selection = {
        "tagStatus": "tagged",
        "tagPatternList": ["sha-*"],
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 30,
    }
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    text = json.dumps({"rules": [rule]})
    put = ("put-lifecycle-policy", "--repository-name", REPOSITORY, "--lifecycle-policy-text", text)
    registry.client.ask("aws", "ecr", *put)
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert "the repository's lifecycle policy will delete 1.4.2 on " in run.stderr
    assert "rule 1 (expire sha-* after 30 days)" in run.stderr
    # What the warning advises.
    policy = project.root.parent / "lifecycle.txt"
    policy.write_text("keep last 20 of *.*.*\nexpire sha-* after 30 days\n")
    file = project.root.parent / "ecr-repositories.yml"
    file.write_text(f"repositories: {{{REPOSITORY}: {{lifecycle: lifecycle.txt}}}}\n")
    assert cli.command("repository", "apply", file).code == 0
    again = cli.run(project.root, "-r", REPOSITORY)
    assert (again.code, "lifecycle policy" in again.stderr) == (0, False), again.stderr
    registry.play("faults: [{operation: GetLifecyclePolicy, error: AccessDeniedException, times: always}]")
    silent = cli.run(project.root, "-r", REPOSITORY)
    assert (silent.code, "lifecycle policy" in silent.stderr) == (0, False), silent.stderr


FILE = """\
defaults:
  lifecycle: [keep last 20 of *.*.*, expire candidate-* after 3 days]
repositories:
  team/*:
    mutability: mutable
    except: [sha-*, 1.*.*]
    encryption: KMS
    pull: [210987654321]
    tags: {team: shop}
"""


def test_a_repository_that_is_created_is_what_the_file_says(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(FILE)
    flags = ("-r", REPOSITORY, "--create-repository", "--repositories", file)
    planned = cli.command("plan", project.root, *flags)
    assert (planned.code, registry.exists()) == (0, False), planned.stderr
    run = cli.run(project.root, *flags)
    assert run.code == 0, run.stderr
    creating = f"creating {registry.sandbox.host}/{REPOSITORY}, encrypted with KMS: ECR never changes that"
    assert creating in run.stderr

    def asked(*words: str) -> Any:
        return json.loads(registry.client.ask("aws", "ecr", *words, "--output", "json"))

    [made] = asked("describe-repositories")["repositories"]
    assert made["imageTagMutability"] == "MUTABLE_WITH_EXCLUSION"
    assert [one["filter"] for one in made["imageTagMutabilityExclusionFilters"]] == ["sha-*", "1.*.*"]
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}  # of which the file says nothing
    assert made["encryptionConfiguration"]["encryptionType"] == "KMS"
    tags = asked("list-tags-for-resource", "--resource-arn", made["repositoryArn"])["tags"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    policy = json.loads(asked("get-repository-policy", "--repository-name", REPOSITORY)["policyText"])
    assert "210987654321" in json.dumps(policy["Statement"])
    # One path: what the run has created is what the file asks for.
    compared = cli.command("repository", "plan", file)
    assert (compared.code, compared.stdout) == (0, "0 to create, 0 to change, 1 as they are to be\n")
    again = cli.run(project.root, *flags)
    assert again.code == 0, again.stderr
    assert registry.asked("PutLifecyclePolicy") == registry.asked("SetRepositoryPolicy") == 1


def test_a_repository_whose_creation_had_no_answer_is_what_the_file_says(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(FILE)
    registry.play("faults: [{operation: CreateRepository, drop: during}]")
    run = cli.run(project.root, "-r", REPOSITORY, "--create-repository", "--repositories", file)
    assert run.code == 0, run.stderr
    compared = cli.command("repository", "plan", file)
    assert (compared.code, compared.stdout) == (0, "0 to create, 0 to change, 1 as they are to be\n")


def test_every_mistake_of_the_file_is_found_before_the_build(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "ecr-repositories.yml"
    file.write_text("repositories:\n  other/app: {mutability: x}\n  Team: {}\n")
    flags = ("-r", REPOSITORY, "--create-repository", "--repositories", file)
    run = cli.run(project.root, *flags)
    assert (run.code, "docker buildx" in run.stderr, registry.exists()) == (2, False, False)
    assert "line 2: mutability: 'x' is not one of mutable, immutable" in run.stderr
    assert "line 3: 'Team' is not a valid repository name" in run.stderr
    file.write_text("repositories: {other/app: {}}\n")
    run = cli.run(project.root, *flags)
    assert (run.code, f"says nothing of {REPOSITORY}" in run.stderr) == (2, True), run.stderr
    run = cli.run(project.root, "-r", REPOSITORY, "--repositories", file, "--kms-key", "alias/a")
    assert run.code == 2
    assert "--repositories: says what a new repository is: give --create-repository too" in run.stderr
    assert "--kms-key: belongs into the file that --repositories names" in run.stderr


def test_a_repository_that_did_not_get_its_policy_is_named(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(FILE)
    registry.play("faults: [{operation: SetRepositoryPolicy, error: ValidationException, times: 1}]")
    flags = ("-r", REPOSITORY, "--create-repository", "--repositories", file)
    run = cli.run(project.root, *flags)
    assert run.code == 4
    assert "team/app was created, and did not get its policy" in run.stderr
    assert cli.command("repository", "apply", file).code == 0
    assert cli.command("repository", "plan", file).code == 0
    assert cli.run(project.root, *flags).code == 0


@pytest.mark.parametrize(
    ("credentials", "hint"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG0"}, "aws sts get-caller-identity"),
        (dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ""), "there are no AWS credentials"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "the AWS credentials are incomplete"),
    ],
    ids=["unknown", "none", "incomplete"],
)
def test_wrong_credentials(
    cli: CommandLine, project: GitRepository, registry: Registry, credentials: dict[str, str], hint: str
) -> None:
    registry.create()
    empty = cli.folder / "profiles"
    empty.write_text("[default]\n")
    # The sandbox's own profile has keys, too.
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(empty))
    run = cli.run(project.root, "-r", REPOSITORY, AWS_EC2_METADATA_DISABLED="true", **files, **credentials)
    assert run.code == 4, run.stderr
    assert run.document["failure"]["kind"] == "authentication"
    assert hint in run.stderr
    assert not registry.pushed_to


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("ExpiredTokenException", "the credentials have expired"),
        ("AccessDeniedException", "allow ecr:GetAuthorizationToken"),
    ],
)
def test_credentials_that_do_not_do(
    cli: CommandLine, project: GitRepository, registry: Registry, error: str, hint: str
) -> None:
    registry.create()
    registry.play(f"faults: [{{operation: GetAuthorizationToken, error: {error}, times: always}}]")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 4
    assert run.document["failure"]["kind"] == "authentication"
    assert hint in run.stderr
    assert not registry.pushed_to


def test_no_such_profile(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, AWS_PROFILE="none-such")
    assert run.code == 2
    assert "there is no AWS profile 'none-such'" in run.stderr
    assert not registry.pushed_to


def test_aws_that_cannot_be_reached(cli: CommandLine, project: GitRepository) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert run.code == 4
    assert "AWS could not be reached" in run.stderr


def test_a_version_that_is_taken_is_found_before_the_build(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create(mutability=Mutability("IMMUTABLE_WITH_EXCLUSION", ("latest", "candidate-*")))
    first = cli.run(project.root, "-r", REPOSITORY, "--floating-tags", "latest")
    assert first.code == 0, first.stderr
    before = registry.tags()
    project.commit("Another", {"rootfs/extra": "something\n"})
    project.git("tag", "--force", "v1.4.2")
    registry.sandbox.faults.forget()
    run = cli.run(project.root, "-r", REPOSITORY, "--floating-tags", "latest")
    assert run.code == 2
    assert run.document["failure"]["kind"] == "conflict"
    # To name the culprit, the labels of the image that has the tag are read; nothing is written.
    assert set(registry.sandbox.faults.requests()["v2"]) <= {"GetBlob", "DownloadBlob"}
    for part in ("taken by another image: 1.4.2", "a version is released once", "built from commit"):
        assert part in run.stderr
    assert registry.tags() == before


def test_floating_tags_in_a_repository_that_lets_none_move(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create(mutability=Mutability("IMMUTABLE"))
    assert cli.run(project.root, "-r", REPOSITORY, "--floating-tags", "none").code == 0
    project.commit()
    project.tag("v1.4.3")
    # `latest` and the rest are new here: ECR lets each be given once. The second time it is too late.
    assert cli.run(project.root, "-r", REPOSITORY).code == 0
    project.commit()
    project.tag("v1.4.4")
    before = registry.tags()
    registry.sandbox.faults.forget()
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 2
    assert "does not let these tags move: 1.4, 1, latest" in run.stderr
    assert not registry.pushed_to
    assert registry.tags() == before


def test_the_same_commit_again_is_judged_again_and_nothing_moves(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    first = cli.run(project.root, "-r", REPOSITORY)
    before = registry.tags()
    registry.sandbox.faults.forget()
    again = cli.run(project.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr
    assert again.image == first.image
    assert again.document["image"]["reused"] is True
    assert set(again.tags.values()) == {"already"}
    assert registry.asked("PutImage") == 0 == registry.asked("PutManifest")
    assert registry.tags() == before


def test_a_snapshot_that_another_branch_has_is_left_to_it(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.branch("one")
    project.commit("One", {"rootfs/one": "1\n"})
    first = cli.run(project.root, "-r", REPOSITORY)
    project.branch("two", start="main")
    project.commit("Two", {"rootfs/two": "2\n"})
    second = cli.run(project.root, "-r", REPOSITORY)
    assert (first.code, second.code) == (0, 0), second.stderr
    assert second.tags["1.4.3-dev.1"] == "kept"
    found = registry.tags()
    assert (found["1.4.3-dev.1"], found["one"]) == (first.digest, first.digest)
    assert (found["two"], found[f"sha-{project.head[:12]}"]) == (second.digest, second.digest)


def test_an_older_pipeline_that_ends_last_moves_nothing_backwards(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    gate: Gate,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """1.4.3 begins before 1.5.0 is even tagged, and is still building when 1.5.0 is released."""
    registry.create()
    project.commit("Slow", images.waiting_for(gate.url))
    project.tag("v1.4.3")
    older = cli.start_run(project.root, "-r", REPOSITORY)
    older.until(gate.arrived.is_set, "the build")
    newer = project.clone(tmp_path / "clone")  # the older one may still read its context
    newer.commit("Fast", images.CLEAN)
    newer.tag("v1.5.0")
    released = CommandLine.at(tmp_path / "newer", sandbox.environment).run(newer.root, "-r", REPOSITORY)
    gate.open()
    ended = older.end()
    assert (released.code, ended.code) == (0, 0), ended.stderr
    found = registry.tags()
    assert {found[name] for name in ("1.5.0", "1.5", "1", "latest")} == {released.digest}
    assert {found[name] for name in ("1.4.3", "1.4")} == {ended.digest}
    assert {tag for tag, result in ended.tags.items() if result == "kept"} == {"1", "latest"}
    assert "latest stays where it is: 1.5.0 is higher" in ended.stderr


@pytest.mark.parametrize(
    "fault",
    [
        "{operation: '*', error: ThrottlingException, times: 3}",
        "{operation: '*', status: 500, times: 2}",
        "{operation: PutImage, error: ThrottlingException, times: 3}",
        "{operation: PutImage, drop: during}",
        "{operation: DescribeImageScanFindings, drop: before, times: 2}",
        "{plane: v2, operation: '*', status: 503, skip: 2}",
        "{plane: v2, operation: PutManifest, status: 429}",
        "{plane: v2, operation: PutManifest, status: 429, times: 8}",  # more than BuildKit tries
        "{plane: v2, operation: PutUpload, drop: before}",
    ],
)
def test_a_registry_that_stumbles_is_asked_again(
    cli: CommandLine, project: GitRepository, registry: Registry, fault: str
) -> None:
    registry.create()
    registry.play(f"faults: [{fault}]")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert registry.tags() == dict.fromkeys(run.tags, run.digest)


def test_a_push_that_is_refused(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    registry.play("faults: [{plane: v2, operation: PutManifest, status: 403, times: always}]")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 4, run.stderr
    assert "the candidate could not be pushed" in run.stderr
    assert "403: allow what `ecr-push iam policy -r REPOSITORY` prints" in run.stderr
    assert registry.tags() == {}


def test_a_promotion_that_breaks_off_is_completed_by_the_next_run(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    registry.play("faults: [{operation: PutImage, skip: 2, error: InvalidParameterException, times: always}]")
    run = cli.run(project.root, "-r", REPOSITORY)
    digest = run.document["image"]["digest"]
    assert run.code == 4
    assert "run again to move the release tags that are left" in run.stderr
    # The most specific tags are there, and `latest` is not ahead of them.
    assert registry.released() == {f"sha-{project.head[:12]}": digest, "1.4.2": digest}
    registry.play("{}")
    again = cli.run(project.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr
    assert again.document["image"]["reused"] is True
    assert registry.released() == dict.fromkeys(run.tags, digest)


def test_a_build_that_outlives_its_token_pushes_with_a_new_one(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """A token of twelve hours is as good as none for a build of thirteen: here it is seconds."""
    registry.create()
    project.commit("Slow", images.waiting_for(gate.url))
    registry.play("token: {life: 1}")
    run = cli.start_run(project.root, "-r", REPOSITORY)
    run.until(gate.arrived.is_set, "the build")
    issued = registry.asked("GetAuthorizationToken")
    registry.play("{}")
    expired = threading.Timer(1.1, gate.open)
    expired.start()
    ended = run.end()
    expired.join()
    assert ended.code == 0, ended.stderr
    assert registry.asked("GetAuthorizationToken") > issued
    assert registry.tags()["1.4.3-dev.1"] == ended.digest
