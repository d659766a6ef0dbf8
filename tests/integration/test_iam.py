"""Every command under exactly the policy that `ecr-push iam policy` prints for it.

A call that the policy lacks fails, and so does a grant that nothing uses: the sandbox says which was which.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from moto.kms.utils import ECDSAPrivateKey

from ecr_push.sandbox.model import Mutability
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.dynamodb import TABLE, LocksServer
from tests.support.gateway import gateway, prehashed
from tests.support.git_repository import GitRepository
from tests.support.permissions import allowed, policy_for
from tests.support.registry import REPOSITORY, Registry
from tests.support.scan_events import basic_event
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
    options += ("--kms-key", "alias/ecr")
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
def test_a_run_to_ecr_public_that_is_judged_before(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    name = f"public.ecr.aws/{registry.sandbox.state.alias}/{REPOSITORY}"
    options = ("-r", name, "--gate-in", "team/gate", "--create-repository")
    policy = policy_for(cli, registry.sandbox, project.root, *options, "--scan-type", "basic")
    with allowed(registry.sandbox, policy):
        done(cli.run(project.root, *options))
        registry.sandbox.state.repositories.change("private", "team/gate", scan_on_push=False)
        project.commit("Another", {"rootfs/app": "another"})
        project.tag("v1.4.3")
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
TO_WITH = (*TO, "--attest-sbom", "sbom.json")
TAGS, ATTESTED = ("1.5.0", "stable"), "--attest-verdict"
# Also where nothing is scanned by itself.
JUDGED_TO = ("--to", "team/third", "--to", STAGING, "--create-repository", "--judge")
MIRROR = ("mirror", "mirror.yml", "--create-repository")
EXPORT = ("repository", "export", "--output", "terraform")
FILES = {
    "mirror.yml": (
        f"images:\n- {{from: {REPOSITORY}, tags: ['1.*'], to: [team/fourth, team/unscanned]}}\n"
        f"- {{from: {REPOSITORY}:1.3.0, repository: team/fifth}}\n"
    ),
    "sbom.json": '{"spdxVersion": "SPDX-2.3", "packages": []}',
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
        ("promote", (*OF, ATTESTED), (("promote", f"{REPOSITORY}:{CANDIDATE.format(1)}", *TAGS, ATTESTED),)),
        ("status", OF, (("status", REPOSITORY),)),
        ("status", ("--pattern", "team/*"), (("status", "team/*"),)),
        (
            "promote",
            (*OF, *TO_WITH),
            (("promote", f"{REPOSITORY}:{CANDIDATE.format(2)}", "1.6.0", *TO_WITH),),
        ),
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
    if group == "looks":
        registry.create("team/new")
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
    image = f"{registry.sandbox.host}/{REPOSITORY}@{registry.tags()['1.5.0']}"
    compose = cli.folder / "compose.yml"
    compose.write_text(f"services: {{web: {{image: '{image}'}}}}\n")
    policy = policy_for(cli, registry.sandbox, "--command", "render", "-r", REPOSITORY, "--verify", *key)
    with allowed(registry.sandbox, policy):
        done(cli.command("render", image, compose, "--verify", *key))
    with allowed(registry.sandbox, policy_for(cli, registry.sandbox, "--command", "registry backfill")):
        done(cli.command("registry", "backfill"))
    there = ("--region", to["region"], "ecr", "list-images", "--repository-name", REPOSITORY)
    assert "1.4.1" in registry.client.ask("aws", *there)


@pytest.mark.usefixtures("engine")
def test_a_run_with_services_that_the_sandbox_lacks(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    client_path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key of KMS, a lock in DynamoDB, events in SQS, a policy in S3: moto's, under the same policy."""
    registry.create(scan_on_push=False)
    monkeypatch.setattr(ECDSAPrivateKey, "sign", prehashed)
    with gateway() as others:
        kms, s3 = others.client("kms"), others.client("s3")
        made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]
        kms.create_alias(AliasName="alias/release", TargetKeyId=made["KeyId"])
        sqs = others.client("sqs")
        queue = sqs.create_queue(QueueName="scans")["QueueUrl"]

        def tell() -> None:
            """Ends the scan and says so, now that the run listens: it does so on a slow machine, too."""
            registry.sandbox.clock.advance(600)
            [image] = registry.sandbox.state.images.all("private", REPOSITORY)
            event = basic_event(image.digest, REPOSITORY, registry.sandbox.options.account)
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))

        others.before_receiving = tell
        LocksServer(others.direct, "us-east-1").create()
        s3.create_bucket(Bucket="policies")
        s3.put_object(Bucket="policies", Key="base.yml", Body=b"max-findings: {critical: 0}\n")
        policy_file = cli.folder / "policy.yml"
        policy_file.write_text("extends: s3://policies/base.yml\n")
        lock, base = ("--lock", f"dynamodb:{TABLE}"), ("--policy", str(policy_file))
        options = (*lock, *base, "--scan-events-queue", "scans", "--attest-verdict")
        sign = ("--sign", "cosign", "--sign-key", "awskms:///alias/release")
        cli.environ.update(others.environ(), PATH=f"{cli.environ['PATH']}:{client_path}")
        asked = (project.root, "-r", REPOSITORY, *options, *sign)
        policy = policy_for(cli, registry.sandbox, *asked, "--scan-type", "basic")
        scan = {"statuses": [{"PENDING": 600}, "COMPLETE"]}
        with allowed(registry.sandbox, policy, others=others, scan=scan):
            done(cli.run(*asked))
        look = ("-r", REPOSITORY, *lock, *base)
        policy = policy_for(cli, registry.sandbox, project.root, "--command", "plan", *look)
        with allowed(registry.sandbox, policy, others=others):
            done(cli.command("plan", project.root, *look))
        for command in ("policy show", "policy exceptions"):
            shown = policy_for(cli, registry.sandbox, "--command", command, *base)
            with allowed(registry.sandbox, shown, others=others):
                done(cli.command(*command.split(), *base))
        key = sign[2:]
        policy = policy_for(cli, registry.sandbox, "--command", "verify", "-r", REPOSITORY, *key)
        with allowed(registry.sandbox, policy, others=others):
            done(cli.command("verify", f"{REPOSITORY}:1.4.2", *key))


@pytest.mark.usefixtures("engine")
def test_a_run_of_an_image_that_is_there(
    cli: CommandLine, project: GitRepository, registry: Registry, shelf: Shelf
) -> None:
    """Two of the engine, and two of OCI layouts, released one after the other."""
    images = f"{registry.sandbox.host}/{REPOSITORY}"
    built = ("ecr-push-test-iam:1", "ecr-push-test-iam:2")
    sources = {"team/engine": built, "team/layout": tuple(f"oci:{cli.folder}/{name}" for name in "12")}
    for number, image in enumerate(built, 1):
        layout = str(cli.folder / str(number))
        registry.client.ask("crane", "pull", "--format=oci", f"{images}:1.4.{number}", layout)
        subprocess.run(["docker", "build", "-q", "-t", image, project.root], check=True, capture_output=True)
        project.write({"rootfs/app": "another"})
    project.git("checkout", "-q", ".")
    try:
        for number, (name, (first, second)) in enumerate(sources.items()):
            registry.create(name, scan_on_push=False)
            project.tag(f"v1.5.{number}")
            branch = ("--tags", "type=ref,event=branch")
            asked = (project.root, "-r", name, "--image", first)
            policy = policy_for(cli, registry.sandbox, *asked, "--scan-type", "basic")
            with allowed(registry.sandbox, policy, what=first):
                done(cli.run(*asked))
                project.commit()
                done(cli.run(*asked, *branch))
                done(cli.run(*asked[:-1], second, *branch))  # its tag goes from one to the other
            assert "main" in registry.released(name)
    finally:
        subprocess.run(["docker", "rmi", "-f", *built], check=True, capture_output=True)


@pytest.mark.usefixtures("engine")
def test_parts_in_a_repository_as_a_file_says(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    file = cli.folder / "ecr-repositories.yml"
    wanted = "{tags: {team: pay}, scan-on-push: false, lifecycle: keep, pull: lambda}"
    file.write_text(f"repositories: {{{REPOSITORY}: {wanted}}}\n")
    (cli.folder / "keep").write_text("keep last 9 of 1.*\n")
    options = ("-r", REPOSITORY, "--create-repository", "--repositories", str(file), "--cache", "ecr")
    options += ("--cache-repository", "team/caches")
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
    registry.create("team/second")
    asked = (project.root, "-r", REPOSITORY, "--to", "team/second", "--cache", "ecr")
    done(cli.run(*asked[:3]))  # so that there is an image to look at
    policy = policy_for(cli, registry.sandbox, "--command", command, *asked)
    # What doctor simulates is the role or the user that asks.
    with allowed(registry.sandbox, policy, either=":role/*"):
        # doctor says that its own role could not run.
        looked = done(cli.command(command, *asked), 4 if command == "doctor" else 0)
        assert ("Push: ecr:BatchCheckLayerAvailability" in looked.stdout) == (command == "doctor")


@pytest.mark.usefixtures("engine")
def test_a_look_as_a_role(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    """doctor asks IAM as the role, and what the role may."""
    registry.create()
    role = f"arn:aws:iam::{registry.sandbox.options.account}:role/ci"
    options = ("--role", role, "-r", REPOSITORY)
    done(cli.run(project.root, "-r", REPOSITORY))
    asked = (cli, registry.sandbox, "--command", "doctor", project.root, *options)
    as_role, as_caller = policy_for(*asked), policy_for(*asked, "--of", "caller")
    with allowed(registry.sandbox, as_caller, role=role, of_role=as_role):
        looked = done(cli.command("doctor", project.root, *options), 4)
    assert "Push: ecr:BatchCheckLayerAvailability" in looked.stdout


def test_which_images_changed(cli: CommandLine, registry: Registry, shelf: Shelf, tmp_path: Path) -> None:
    """By the labels of the newest image where no tag names a commit; and by the last of a commit's builds."""
    several = GitRepository.init(tmp_path / "several")
    lists = f"region: us-east-1\nimages: {{app: {{repository: {REPOSITORY}}}}}\n"
    several.commit("First", {"Dockerfile": "FROM scratch\n", "ecr-push.yml": lists})
    policy = policy_for(cli, registry.sandbox, "--command", "matrix", "-r", REPOSITORY)
    with allowed(registry.sandbox, policy):
        assert done(cli.command("matrix", several.root, "--changed")).stdout == "app\n"
        for build in ("", "-0123abcd"):
            shelf.put(f"sha-{several.head}{build}")
        done(cli.command("matrix", several.root, "--changed"))


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
        "public: {shown: {description: An app.}, added: {description: Another.}}\n"
    )
    registry.sandbox.state.repositories.create("public", "shown")
    shown = policy_for(cli, registry.sandbox, "--command", "repository show", "--pattern", "team/*")
    with allowed(registry.sandbox, shown):
        done(cli.command("repository", "show", "team/*"))
    own = {"Effect": "Allow", "Principal": {"AWS": registry.sandbox.options.account}, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [{**own, "Action": "ecr:ReplicateImage"}]})
    registry.api().put_registry_policy(policyText=text)
    key = {"encryptionType": "KMS", "kmsKey": "1a2b3c4d-0000-4000-8000-000000000000"}
    registry.api().create_repository(repositoryName="encrypted", encryptionConfiguration=key)
    asked = policy_for(cli, registry.sandbox, "--command", "repository may", "-r", "encrypted")
    with allowed(registry.sandbox, asked):
        role = "arn:aws:iam::111122223333:role/deploy"
        done(cli.command("repository", "may", role, "pull", "encrypted"), 10)
    for command, code in (("repository plan", 13), ("repository apply", 0)):
        policy = policy_for(cli, registry.sandbox, "--command", command, "--file", file)
        with allowed(registry.sandbox, policy):
            done(cli.command(*command.split(), file), code)
            if command == "repository plan":
                registry.create("new")
                done(cli.command(*command.split(), file), code)
                registry.sandbox.state.repositories.delete("private", "new", force=True)
            else:
                stored = registry.sandbox.state.repositories
                stored.change("private", "new", resource_tags={})
                stored.change("public", "added", catalog={})
                stored.delete("private", REPOSITORY, force=True)
                stored.delete("public", "shown")
                done(cli.command(*command.split(), file))


SECTIONS = {
    "settings": ("{blob-mounting: disabled}", "{blob-mounting: enabled}", "{blob-mounting: disabled}"),
    "scanning": ("{type: enhanced, continuous: ['*']}", "{type: enhanced, continuous: ['a*']}", "none"),
    "replication": ("[{to: [eu-west-1]}]", "[{to: [eu-west-2]}]", "none"),
    "templates": (
        "{aa: {applied-for: [replication], role: ROLE, lifecycle: [keep last 9 of v*], pull: OTHER}}",
        "{aa: {applied-for: [create-on-push]}}",
        "{aa: none}",
    ),
    "pull-through": (
        (
            "{bb: {upstream: 'OTHER.dkr.ecr.us-east-1.amazonaws.com', role: SECOND}, quay: {upstream: quay}, "
            "cc: {upstream: 'OTHER.dkr.ecr.eu-west-1.amazonaws.com', role: ROLE}}"
        ),
        "{bb: {upstream: 'OTHER.dkr.ecr.us-east-1.amazonaws.com', role: ROLE}}",
        "{bb: none, cc: none}",
    ),
    "signing": ("[{profile: 'PROFILE'}]", "[{profile: 'PROFILE', repositories: [a]}]", "none"),
    "pull-time-exclusions": ("[ROLE]", "[SECOND]", "none"),
    "policy": ("{replicate-from: ['OTHER on a/*']}", "{replicate-from: ['OTHER on b/*']}", "none"),
}


def test_a_registry_as_a_file_says(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    """All kinds of settings: made, changed and removed. What ECR is to do, the caller has to be allowed."""
    account = registry.sandbox.options.account
    words = {
        "ROLE": f"'arn:aws:iam::{account}:role/ecr'",
        "SECOND": f"'arn:aws:iam::{account}:role/ecr-second'",
        "OTHER": "111122223333",
        "PROFILE": f"arn:aws:signer:us-east-1:{account}:/signing-profiles/release",
    }
    made, changed, removed = (tmp_path / f"{number}.yml" for number in range(3))
    for number, file in enumerate((made, changed, removed)):
        text = "".join(f"{key}: {says[number]}\n" for key, says in SECTIONS.items())
        for word, value in words.items():
            text = text.replace(word, value)
        file.write_text(text)
    calls: dict[str, tuple[Path, tuple[Path, ...], int]] = {
        "registry show": (made, (), 0),
        "registry plan": (made, (made,), 13),
        "registry apply": (made, (made, changed, removed), 0),
    }
    for command, (asked, files, code) in calls.items():
        of_file = ("--file", asked) if files else ()
        policy = policy_for(cli, registry.sandbox, "--command", command, *of_file)
        with allowed(registry.sandbox, policy):
            for argv in [(file,) for file in files] or [()]:
                done(cli.command(*command.split(), *argv), code)
