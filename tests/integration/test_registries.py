"""ECR Public, named registries and both shapes of scanning."""

from __future__ import annotations

import json

import pytest

from ecr_push.sandbox.server import Sandbox
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def public(sandbox: Sandbox) -> str:
    """The name of a repository in the caller's public registry."""
    return f"public.ecr.aws/{sandbox.state.alias}/{REPOSITORY}"


def test_ecr_public_has_no_scan_and_so_no_pass(
    cli: CommandLine, project: GitRepository, registry: Registry, public: str
) -> None:
    registry.sandbox.state.repositories.create("public", REPOSITORY)
    run = cli.run(project.root, "-r", public)
    assert run.code == 5, run.stderr
    assert "is in ECR Public, which has no vulnerability scanning" in run.stderr
    assert "--unscannable warn" in run.stderr
    assert not registry.pushed_to


@pytest.mark.parametrize("exists", [True, False])
def test_ecr_public_unjudged_when_the_user_says_so(
    cli: CommandLine, project: GitRepository, registry: Registry, public: str, exists: bool
) -> None:
    if exists:
        registry.sandbox.state.repositories.create("public", REPOSITORY)
    run = cli.run(project.root, "-r", public, "--unscannable", "warn", "--create-repository")
    assert run.code == 0, run.stderr
    assert bool(run.document["createdRepository"]) is not exists
    uri = f"{registry.sandbox.public_host}/{registry.sandbox.state.alias}/{REPOSITORY}"
    assert run.image == f"{uri}@{run.digest}"
    assert run.document["verdict"]["warnings"]
    names = registry.client.ask("crane", "ls", uri).split()
    assert set(names) == {f"sha-{project.head[:12]}", "1.4.2", "1.4", "1", "latest"}
    assert {registry.client.ask("crane", "digest", f"{uri}:{name}") for name in names} == {run.digest}
    # The same commit again: nothing is built, nothing moves.
    again = cli.run(project.root, "-r", public, "--unscannable", "warn")
    assert (again.digest, again.document["image"]["reused"]) == (run.digest, True)


def test_what_is_attached_is_found_in_ecr_public(
    cli: CommandLine, project: GitRepository, registry: Registry, public: str
) -> None:
    registry.create()
    to = ("--to", public, "--create-repository", "--attest-verdict")
    run = cli.run(project.root, "-r", REPOSITORY, *to)
    assert run.code == 0, run.stderr
    uri = f"{registry.sandbox.public_host}/{registry.sandbox.state.alias}/{REPOSITORY}"
    asked = ("oras", "discover", "--plain-http", "--format", "json", f"{uri}@{run.digest}")
    found = json.loads(registry.client.ask(*asked))
    assert len(found.get("referrers") or found["manifests"]) == 1
    assert not [
        name for name in registry.client.ask("crane", "ls", uri).split() if name.startswith("sha256-")
    ]
    verified = cli.command("verify", f"{public}:1.4.2", "--require", "verdict", "--allow-unsigned")
    assert (verified.code, verified.stdout) == (0, f"{uri}@{run.digest}\n"), verified.stderr


def test_another_accounts_public_registry(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(
        *(project.root, "-r", "public.ecr.aws/nginx/nginx", "--unscannable", "warn", "--create-repository")
    )
    assert run.code == 4, run.stderr
    assert "is not this account's" in run.stderr
    assert not registry.pushed_to


def test_a_registry_by_its_id(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    assert (
        cli.run(project.root, "-r", REPOSITORY, "--registry-id", registry.sandbox.options.account).code == 0
    )
    other = cli.run(project.root, "-r", REPOSITORY, "--registry-id", "210987654321")
    assert other.code == 4
    assert "210987654321" in other.stderr


def test_a_whole_uri_names_region_and_account(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    uri = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}"
    run = cli.run(project.root, "-r", uri, "--region", "us-east-1", "--registry-id", "210987654321")
    assert run.code == 2
    assert "us-east-1 contradicts" in run.stderr
    assert "210987654321 contradicts" in run.stderr


def test_a_role_is_assumed_first(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    role = f"arn:aws:iam::{registry.sandbox.options.account}:role/deploy"
    assert cli.run(project.root, "-r", REPOSITORY, "--role", role).code == 0
    assert registry.asked("AssumeRole") == 1
    registry.sandbox.faults.forget()
    registry.play("faults: [{operation: AssumeRole, error: AccessDenied, times: always}]")
    run = cli.run(project.root, "-r", REPOSITORY, "--role", role)
    assert run.code == 4
    assert run.document["failure"]["kind"] == "authentication"
    assert not registry.pushed_to


def test_enhanced_scanning_has_the_same_verdict_and_says_what_fixes_it(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.api().put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[
            {
                "scanFrequency": "CONTINUOUS_SCAN",
                "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
            }
        ],
    )
    registry.create(scan_on_push=False)
    clean = cli.run(project.root, "-r", REPOSITORY)
    assert clean.code == 0, clean.stderr
    assert clean.document["scan"]["mode"] == "enhanced"
    assert clean.document["scan"]["platforms"][0]["status"] == "ACTIVE"
    project.commit("Add PyYAML", images.VULNERABLE)
    refused = cli.run(project.root, "-r", REPOSITORY)
    assert refused.code == 10
    [finding] = refused.document["verdict"]["deciding"]
    assert (finding["id"], finding["fixedIn"]) == ("CVE-2020-14343", "5.4")
    assert "update PyYAML to 5.4" in refused.stderr


def test_enhanced_scanning_that_covers_other_repositories_only(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.api().put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[
            {
                "scanFrequency": "SCAN_ON_PUSH",
                "repositoryFilters": [{"filter": "other/*", "filterType": "WILDCARD"}],
            }
        ],
    )
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 5
    assert "no filter of the registry's enhanced scanning covers this repository" in run.stderr
    assert registry.released() == {}
