"""Every command under exactly the policy that `ecr-push iam policy` prints for it.

A call that the policy lacks fails, and so does a grant that nothing uses: the sandbox says which was which.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.sandbox.model import Mutability
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.permissions import allowed, policy_for
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import Shelf


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    """A repository that scans nothing by itself, with two releases, an index and candidates."""
    registry.create(scan_on_push=False)
    folder = tmp_path / "layers"
    folder.mkdir()
    shelf = Shelf(registry, folder)
    image = f"{registry.sandbox.host}/{REPOSITORY}"
    for tags in (("1.4.1",), ("1.4.2", "1.4", "latest"), (CANDIDATE,), ("candidate-0123456789ab-2",)):
        shelf.put(*tags)
    shelf.put("1.3.0", labels={})
    registry.client.ask("crane", "index", "append", "-m", f"{image}:1.4.1", "-t", f"{image}:index")
    return shelf


def done(ended: Ended, code: int = 0) -> Ended:
    assert ended.code == code, ended.stderr
    return ended


@pytest.mark.usefixtures("engine")
def test_a_run_from_the_first_push_on(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    """It creates the repository and its cache, releases, is run again, refuses, and asks for another scan."""
    options = ("-r", REPOSITORY, "--create-repository", "--cache", "ecr", "--attest-verdict")
    policy = policy_for(cli, registry.sandbox, project.root, *options, "--scan-type", "basic")
    with allowed(registry.sandbox, policy):
        done(cli.run(project.root, *options))
        registry.sandbox.state.repositories.change("private", REPOSITORY, scan_on_push=False)
        done(cli.run(project.root, *options))
        project.commit("Add PyYAML", images.PYYAML)
        done(cli.run(project.root, *options), 10)
    assert registry.released()["latest"] == registry.released()["1.4.2"]


@pytest.mark.usefixtures("engine")
def test_a_run_as_a_role_to_more_repositories_under_enhanced_scanning(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """The caller may assume the role, and nothing else; the role may what the run does."""
    rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
    registry.api().put_registry_scanning_configuration(scanType="ENHANCED", rules=[rule])
    registry.create("team/second")
    registry.sandbox.state.change_settings(blob_mounting=False)  # as it is in ECR
    role = f"arn:aws:iam::{registry.sandbox.options.account}:role/ci"
    options = ("-r", REPOSITORY, "--to", "team/second", "--to", "team/third", "--create-repository")
    asked = (project.root, *options, "--role", role, "--scan-type", "enhanced")
    as_role = policy_for(cli, registry.sandbox, *asked)
    as_caller = policy_for(cli, registry.sandbox, *asked, "--of", "caller")
    with allowed(registry.sandbox, as_caller, role=role, of_role=as_role):
        done(cli.run(project.root, *options, "--role", role))
        done(cli.run(project.root, *options, "--role", role))
    assert registry.released("team/third")["latest"] == registry.released()["1.4.2"]


@pytest.mark.usefixtures("engine")
def test_a_run_to_ecr_public(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    name = f"public.ecr.aws/{registry.sandbox.state.alias}/{REPOSITORY}"
    options = ("-r", name, "--unscannable", "warn", "--create-repository")
    policy = policy_for(cli, registry.sandbox, project.root, *options)
    with allowed(registry.sandbox, policy):
        done(cli.run(project.root, *options))
        done(cli.run(project.root, *options))


@pytest.mark.usefixtures("engine")
def test_what_is_missing_is_named(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    policy = policy_for(cli, registry.sandbox, project.root, "-r", REPOSITORY)
    [push] = [one for one in policy["Statement"] if one["Sid"] == "Push"]
    push["Action"].remove("ecr:InitiateLayerUpload")
    with pytest.raises(AssertionError, match="lacks"), allowed(registry.sandbox, policy):
        refused = cli.run(project.root, "-r", REPOSITORY)
        assert refused.code == 4
        assert "is not authorized to perform: ecr:InitiateLayerUpload" in refused.stderr


RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}
CANDIDATE = "candidate-0123456789ab-1"
COMMANDS = {
    "scan": (("scan", f"{REPOSITORY}:1.4.2"),),
    "promote": (("promote", f"{REPOSITORY}:{CANDIDATE}", "1.5.0"),),
    "rollback": (
        ("rollback", "-r", REPOSITORY, "latest"),
        ("rollback", "-r", REPOSITORY, "latest", "--to", "1.3.0"),  # which we did not build: it is judged
    ),
    "policy test": (("policy", "test", "-r", REPOSITORY),),
    "prune": (("prune", "-r", REPOSITORY, "--yes", "--candidates", "0s"),),
    "lifecycle test": (("lifecycle", "test", "-r", REPOSITORY, "--preview", "--layers"),),
    "login": (("login",),),
    "copy": (("copy", REPOSITORY, "--all-tags", "--to", "team/second", "--create-repository"),),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(cli: CommandLine, registry: Registry, shelf: Shelf, command: str) -> None:
    text = json.dumps({"rules": [RULE]})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=text)
    registry.sandbox.state.change_settings(blob_mounting=False)  # as it is in ECR
    options = ["--command", command, "-r", REPOSITORY, "--scan-type", "basic"]
    options += ["--to", "team/second", "--create-repository"] if command == "copy" else []
    policy = policy_for(cli, registry.sandbox, *options)
    with allowed(registry.sandbox, policy):
        for argv in COMMANDS[command]:
            done(cli.command(*argv, DOCKER_CONFIG=str(cli.folder / "docker")))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("command", ["plan", "doctor"])
def test_a_look(cli: CommandLine, project: GitRepository, registry: Registry, command: str) -> None:
    registry.create()
    done(cli.run(project.root, "-r", REPOSITORY))  # so that there is an image to look at
    policy = policy_for(cli, registry.sandbox, project.root, "--command", command, "-r", REPOSITORY)
    with allowed(registry.sandbox, policy):
        # doctor says that its own role could not run.
        looked = done(cli.command(command, project.root, "-r", REPOSITORY), 4 if command == "doctor" else 0)
        assert ("Push: ecr:BatchCheckLayerAvailability" in looked.stdout) == (command == "doctor")


def test_repositories_as_a_file_says(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    """One to create, one to change in all that can be changed, and those of a pattern."""
    registry.create(resource_tags={"team": "other"}, mutability=Mutability("MUTABLE"))
    registry.create("team/other", mutability=Mutability("IMMUTABLE"))
    lifecycle = json.dumps({"rules": [RULE]})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=lifecycle)
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(
        "repositories:\n"
        "  team/*: {mutability: mutable}\n"
        "  team/app:\n"
        "    mutability: immutable\n"
        "    scan-on-push: false\n"
        "    lifecycle: none\n"
        "    tags: {team: pay}\n"
        "  new: {tags: {a: b}}\n"
    )
    shown = policy_for(cli, registry.sandbox, "--command", "repository show", "--pattern", "team/*")
    with allowed(registry.sandbox, shown):
        done(cli.command("repository", "show", "team/*"))
    own = {"Effect": "Allow", "Principal": {"AWS": registry.sandbox.options.account}, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [{**own, "Action": "ecr:ReplicateImage"}]})
    registry.api().put_registry_policy(policyText=text)
    asked = policy_for(cli, registry.sandbox, "--command", "repository may", "-r", REPOSITORY)
    with allowed(registry.sandbox, asked):
        role = "arn:aws:iam::111122223333:role/deploy"
        done(cli.command("repository", "may", role, "pull", REPOSITORY), 10)
    for command, code in (("repository plan", 13), ("repository apply", 0)):
        policy = policy_for(cli, registry.sandbox, "--command", command, "--file", file)
        with allowed(registry.sandbox, policy):
            done(cli.command(*command.split(), file), code)
            if command == "repository apply":
                registry.sandbox.state.repositories.change("private", "new", resource_tags={})
                done(cli.command(*command.split(), file))


def test_a_registry_as_a_file_says(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "ecr-registry.yml"
    file.write_text("settings: {blob-mounting: false}\nscanning: {type: enhanced, continuous: ['*']}\n")
    for command, code in (("registry show", 0), ("registry plan", 13), ("registry apply", 0)):
        argv = [] if command == "registry show" else [str(file)]
        of_file = ["--file", *argv] if argv else []
        policy = policy_for(cli, registry.sandbox, "--command", command, *of_file)
        with allowed(registry.sandbox, policy):
            done(cli.command(*command.split(), *argv), code)
