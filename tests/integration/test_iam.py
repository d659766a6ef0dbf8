"""Every command under exactly the policy that `ecr-push iam policy` prints for it.

A call that the policy lacks fails, and so does a grant that nothing uses: the sandbox says which was which.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ecr_push.sandbox.model import Mutability
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.permissions import allowed, policy_for
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import STAGING, Shelf


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    """A repository that scans nothing by itself, with two releases, an index and candidates."""
    registry.create(scan_on_push=False)
    folder = tmp_path / "layers"
    folder.mkdir()
    shelf = Shelf(registry, folder)
    image = f"{registry.sandbox.host}/{REPOSITORY}"
    for tags in (("1.4.1",), ("1.4.2", "1.4", "latest"), *((CANDIDATE.format(one),) for one in (1, 2, 3))):
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
CANDIDATE = "candidate-0123456789ab-{}"
OF = ("-r", REPOSITORY)
TO = ("--to", "team/second", "--create-repository")
# Also where nothing is scanned by itself.
JUDGED_TO = ("--to", "team/third", "--to", STAGING, "--create-repository", "--judge")
MIRROR = ("mirror", "mirror.yml", "--create-repository")
EXPORT = ("repository", "export", "--output", "terraform")
FILES = {
    "mirror.yml": (
        f"images:\n- {{from: {REPOSITORY}, tags: ['1.*'], to: [team/fourth, team/unscanned]}}\n"
        f"- {{from: {REPOSITORY}:1.3.0, repository: team/fifth}}\n"
    ),
    "bases.yml": "images: [{from: 'PUBLIC/base:3.20', repository: base/alpine}]\n",
    "ecr-repositories.yml": f"repositories: {{{REPOSITORY}: {{lifecycle: none}}, team/new: {{}}}}\n",
}
# What runs in one sandbox, in this order: the command, what its policy is asked for with, and the calls.
Words = tuple[str, ...]
COMMANDS: dict[str, list[tuple[str, Words, tuple[Words, ...]]]] = {
    "looks": [
        ("scan", OF, (("scan", f"{REPOSITORY}:1.4.2"),)),
        ("policy test", OF, (("policy", "test", *OF),)),
        ("lifecycle test", OF, (("lifecycle", "test", *OF, "--preview", "--layers"),)),
        ("login", (), (("login",),)),
        ("costs", (), (("costs",),)),
        ("costs", OF, (("costs", REPOSITORY),)),
        ("costs", ("--pattern", "team/*"), (("costs", "team/*"),)),
        ("repository export", ("--pattern", "team/*"), ((*EXPORT, "team/*"),)),
        ("repository export", ("--file", "ecr-repositories.yml"), (EXPORT,)),
    ],
    "moves": [
        ("promote", OF, (("promote", f"{REPOSITORY}:{CANDIDATE.format(1)}", "1.5.0"),)),
        ("promote", (*OF, *TO), (("promote", f"{REPOSITORY}:{CANDIDATE.format(2)}", "1.6.0", *TO),)),
        # To an image which we did not build: it is judged.
        ("rollback", OF, (("rollback", *OF, "latest", "--to", "1.3.0"),)),
        ("prune", OF, (("prune", *OF, "--yes", "--candidates", "0s"),)),
    ],
    "copies": [
        ("copy", (*OF, *TO), (("copy", REPOSITORY, "--all-tags", *TO),)),
        ("copy", (*OF, *JUDGED_TO), (("copy", REPOSITORY, "--all-tags", *JUDGED_TO),)),
        ("mirror", (*MIRROR[2:], "--file", "mirror.yml", "--judge"), ((*MIRROR, "--judge"),)),
        ("mirror", (*MIRROR[2:], "--pattern", "base/*"), ((MIRROR[0], "bases.yml", *MIRROR[2:]),)),
    ],
}


@pytest.mark.parametrize("group", COMMANDS)
def test_commands(
    cli: CommandLine, registry: Registry, shelf: Shelf, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cli.folder)
    public = f"{registry.sandbox.public_host}/{registry.sandbox.state.alias}"
    for name, text in FILES.items():
        (cli.folder / name).write_text(text.replace("PUBLIC", public))
    if group == "copies":
        registry.sandbox.state.repositories.create("public", "base")
        shelf.put("3.20", to=f"{public}/base")
        registry.create("team/unscanned", scan_on_push=False)
    lifecycle = json.dumps({"rules": [RULE]})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=lifecycle)
    registry.sandbox.state.change_settings(blob_mounting=False)  # as it is in ECR
    for command, asked, calls in COMMANDS[group]:
        its = ("--command", command, "--scan-type", "basic", *asked)
        policy = policy_for(cli, registry.sandbox, *its)
        with allowed(registry.sandbox, policy, what=" ".join(its)):
            for argv in calls:
                done(cli.command(*argv, DOCKER_CONFIG=str(cli.folder / "docker")))


def test_signed_verified_and_replicated(
    cli: CommandLine, registry: Registry, shelf: Shelf, client_path: str
) -> None:
    """With a key of cosign's; the replication is filled back after that."""
    cli.environ.update(PATH=f"{cli.environ['PATH']}:{client_path}", COSIGN_PASSWORD="dummy-password")
    subprocess.run(
        ["cosign", "generate-key-pair"], cwd=cli.folder, env=cli.environ, check=True, capture_output=True
    )
    to = {"region": "eu-north-1", "registryId": registry.sandbox.options.account}
    registry.api().put_replication_configuration(replicationConfiguration={"rules": [{"destinations": [to]}]})
    options = ("--sign", "cosign", "--sign-key", str(cli.folder / "cosign.key"), "--attest-verdict")
    options += ("--wait-replication", "--scan-type", "basic")
    policy = policy_for(cli, registry.sandbox, "--command", "promote", "-r", REPOSITORY, *options)
    with allowed(registry.sandbox, policy):
        done(cli.command("promote", f"{REPOSITORY}:{CANDIDATE.format(1)}", "1.5.0", *options[:-2]))
    key = ("--sign-key", str(cli.folder / "cosign.pub"))
    policy = policy_for(cli, registry.sandbox, "--command", "verify", "-r", REPOSITORY, *key)
    with allowed(registry.sandbox, policy):
        done(cli.command("verify", f"{REPOSITORY}:1.5.0", *key))
    with allowed(registry.sandbox, policy_for(cli, registry.sandbox, "--command", "registry backfill")):
        done(cli.command("registry", "backfill"))
    there = ("--region", to["region"], "ecr", "list-images", "--repository-name", REPOSITORY)
    assert "1.4.1" in registry.client.ask("aws", *there)


@pytest.mark.usefixtures("engine")
def test_parts_in_a_repository_as_a_file_says(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    file = cli.folder / "ecr-repositories.yml"
    wanted = "{tags: {team: pay}, scan-on-push: false, lifecycle: keep, pull: lambda}"
    file.write_text(f"repositories: {{{REPOSITORY}: {wanted}}}\n")
    (cli.folder / "keep").write_text("keep last 9 of 1.*\n")
    options = ("-r", REPOSITORY, "--create-repository", "--repositories", str(file), "--cache", "ecr")
    policy = policy_for(cli, registry.sandbox, project.root, "--command", "build", *options)
    parts: tuple[str, ...] = ()
    with allowed(registry.sandbox, policy):
        done(cli.command("build", project.root, *options, "--platform", "linux/amd64"))
        project.commit("Second", {"rootfs/app": "another"})  # which finds the cache
        project.tag("v1.4.3")
        for platform in ("linux/amd64", "linux/arm64"):
            built = done(cli.command("build", project.root, *options, "--platform", platform))
            parts += ("--part", built.stdout.strip())
    options = ("-r", REPOSITORY, *parts)
    policy = policy_for(cli, registry.sandbox, project.root, *options, "--scan-type", "basic")
    with allowed(registry.sandbox, policy):
        done(cli.run(project.root, *options))
    assert registry.released().keys() >= {"1.4.3", "latest"}


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
