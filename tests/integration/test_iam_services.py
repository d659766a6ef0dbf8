"""Every command that calls other services than ECR, under exactly the policy that is printed for it.

The services are moto's, behind a gateway that decides by the policy as IAM does: see `test_iam`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

import pytest
from moto.core import DEFAULT_ACCOUNT_ID

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.aws_services import BUCKET, BUS, GROUP, HEARD, METRICS_GROUP, AwsServices
from tests.support.command_line import CommandLine, Ended
from tests.support.dynamodb import TABLE, LocksServer
from tests.support.gateway import Gateway, gateway
from tests.support.git_repository import GitRepository
from tests.support.permissions import allowed, policy_for
from tests.support.registry import REPOSITORY, Registry, remove_images
from tests.support.running_services import Services, completed
from tests.support.shelf import OURS, Shelf
from tests.support.trail import TrailServer, put

OF = ("-r", REPOSITORY)
TASK, EXECUTION = (f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{name}" for name in ("task", "execution"))
TAGS = {"team": "shop"}
NEEDS = [{"type": kind, "value": value} for kind, value in (("VCPU", "1"), ("MEMORY", "512"))]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Of the account that moto's services are in."""
    with Sandbox(SandboxOptions(scan_delay=0.0, account=DEFAULT_ACCOUNT_ID)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    registry.create(scan_on_push=False)
    (tmp_path / "layers").mkdir()
    return Shelf(registry, tmp_path / "layers")


@pytest.fixture
def trail() -> Iterator[TrailServer]:
    with TrailServer() as trail:
        yield trail


@pytest.fixture
def others(cli: CommandLine, trail: TrailServer) -> Iterator[Gateway]:
    with gateway(cloudtrail=trail.url) as others:
        cli.environ.update(others.environ())
        yield others


@pytest.fixture
def services(others: Gateway) -> Iterator[Services]:
    with completed(others.direct) as services:
        yield services


class Under(Protocol):
    def __call__(self, command: str, *asked: object) -> AbstractContextManager[None]: ...


@pytest.fixture
def under(cli: CommandLine, registry: Registry, others: Gateway) -> Under:
    """What runs in it may do exactly what is printed for a command with these options."""

    def under(command: str, *asked: object) -> AbstractContextManager[None]:
        its = ("--command", command, *OF, *map(str, asked))
        policy = policy_for(cli, registry.sandbox, *its, "--scan-type", "basic")
        return allowed(registry.sandbox, policy, others=others, what=" ".join(its))

    return under


def done(ended: Ended, code: int = 0) -> Ended:
    assert ended.code == code, ended.stderr
    return ended


def definition(image: str, family: str) -> dict[str, Any]:
    container = {"name": "web", "image": image, "memory": 256}
    roles = {"taskRoleArn": TASK, "executionRoleArn": EXECUTION}
    return {
        "family": family,
        "containerDefinitions": [container],
        "tags": [{"key": "a", "value": "b"}],
        **roles,
    }


def test_services_of_ecs(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: Services, under: Under
) -> None:
    """One whose tasks stop, too. Which services are of Express Mode is known to ECS alone."""
    uri = f"{registry.sandbox.host}/{REPOSITORY}"
    first = f"{uri}@{shelf.put('1.0')}"
    for tag in ("1.1", "1.2"):
        shelf.put(tag)
    ecs = services.api("ecs")
    ecs.create_cluster(clusterName="default")
    for family in ("shop", "job"):
        ecs.register_task_definition(**definition(first, family))
    ecs.create_service(serviceName="shop", taskDefinition="shop", desiredCount=1)
    tagged = ecs.register_task_definition(**definition(f"{uri}:1.0", "tagged"))["taskDefinition"]
    ecs.create_service(serviceName="tagged", taskDefinition=tagged["taskDefinitionArn"], desiredCount=1)
    again = ("--service", "tagged", "--cluster", "default")
    with under("deploy ecs", *again, "--redeploy"):
        done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.0", *again, "--redeploy"))
        services.ends = "FAILED"
        services.stop_a_task("tagged", "Essential container in task exited")
        done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.0", *again, "--redeploy"), 4)
    services.ends = "COMPLETED"
    to = ("--service", "shop", "--cluster", "default")
    with under("deploy ecs", *to):
        done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.1", *to))
        services.ends = "FAILED"
        services.stop_a_task("shop", "Essential container in task exited")
        stopped = done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.2", *to), 4)
        assert "a task stopped: Essential container" in stopped.stderr
        services.ends = "COMPLETED"
        services.make_express("shop", first)
        done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.2", *to))
        assert set(services.express.values()) == {f"{uri}@{registry.tags()['1.2']}"}
    alone = ("--task-definition", "job")
    with under("deploy ecs", *alone):
        done(cli.command("deploy", "ecs", f"{REPOSITORY}:1.1", *alone))


def test_other_services_that_run_images(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: Services, others: Gateway, under: Under
) -> None:
    old, new = (f"{registry.sandbox.host}/{REPOSITORY}@{shelf.put(tag)}" for tag in ("1.0", "1.1"))
    image = f"{REPOSITORY}:1.1"
    services.api("iam").create_role(RoleName="task", AssumeRolePolicyDocument="{}")
    functions = services.api("lambda")
    code = {"PackageType": "Image", "Role": TASK, "Code": {"ImageUri": old}, "Publish": True}
    functions.create_function(FunctionName="shop", **code)
    functions.create_function(FunctionName="other", **code)
    functions.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")
    for asked in (("--function", "shop", "--alias", "live"), ("--function", "other")):
        with under("deploy lambda", *asked):
            done(cli.command("deploy", "lambda", image, *asked))

    container = {"image": old, "jobRoleArn": TASK, "executionRoleArn": EXECUTION}
    job = {"type": "container", "containerProperties": {**container, "resourceRequirements": NEEDS}}
    services.api("batch").register_job_definition(jobDefinitionName="nightly", tags=TAGS, **job)
    asked = ("--job-definition", "nightly")
    policy = policy_for(cli, registry.sandbox, "--command", "deploy batch", *OF, *asked)
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "PassRoles"]
    lacks = pytest.raises(AssertionError, match="lacks iam:PassRole on")
    with lacks, allowed(registry.sandbox, policy, others=others):
        refused = done(cli.command("deploy", "batch", image, *asked), 4)
        assert "allow iam:PassRole in the policy of the role or user that runs this" in refused.stderr
    with under("deploy batch", *asked):
        done(cli.command("deploy", "batch", image, *asked))

    models = services.api("sagemaker")
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    for name in ("shop", "alone"):
        models.create_model(ModelName=name, ExecutionRoleArn=TASK, PrimaryContainer={"Image": old}, Tags=tags)
    variant = {"VariantName": "all", "ModelName": "shop", "InstanceType": "ml.m5.large"}
    variants = [{**variant, "InitialInstanceCount": 1}]
    models.create_endpoint_config(EndpointConfigName="shop", ProductionVariants=variants, Tags=tags)
    models.create_endpoint(EndpointName="shop", EndpointConfigName="shop")
    for asked in (("--endpoint", "shop"), ("--model", "alone")):
        with under("deploy sagemaker", *asked):
            done(cli.command("deploy", "sagemaker", image, *asked))
    assert models.describe_endpoint(EndpointName="shop")["EndpointConfigName"] != "shop"
    assert functions.get_function(FunctionName="other")["Code"]["ImageUri"] == new


PUBLISHED = (
    "--event-bus",
    BUS,
    "--metrics",
    "cloudwatch=Acme/Releases",
    "--metrics",
    f"emf=logs:{METRICS_GROUP}",
)
AUDITED = ("--audit", f"logs:{GROUP}", "--audit", f"s3://{BUCKET}/releases")


def test_who_else_learns_of_it_and_what_is_compared(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    shelf: Shelf,
    others: Gateway,
    under: Under,
    tmp_path: Path,
) -> None:
    """Events, metrics and records; the findings of the base image; and ECR's own signature."""
    AwsServices(others.direct, tmp_path).set_up()
    profile = f"arn:aws:signer:us-east-1:{DEFAULT_ACCOUNT_ID}:/signing-profiles/release"
    rules = {"rules": [{"signingProfileArn": profile}]}
    registry.api().put_signing_configuration(signingConfiguration=rules)
    uri, bases = (f"{registry.sandbox.host}/{name}" for name in (REPOSITORY, "base/python"))
    registry.create("base/python")
    base = shelf.put("3.20", to=bases)
    policy = cli.folder / "policy.yml"
    policy.write_text("layers: own\n")
    judged = ("--policy", str(policy), "--base-image", f"base/python@{base}")
    for tag in ("1.3.0", "1.4.0", "1.4.1", "candidate-1"):
        shelf.put(tag, "latest", labels={})
        new = ("--new_layer", str(tmp_path / "layers" / f"{tag}.tar"), "--new_tag", f"{uri}:{tag}")
        registry.client.ask("crane", "append", "--base", f"{bases}@{base}", *new)
    layout = str(cli.folder / "layout")
    registry.client.ask("crane", "pull", "--format=oci", f"{uri}:1.3.0", layout)

    with under("scan", *PUBLISHED, *judged):
        done(cli.command("scan", f"{REPOSITORY}:1.4.1", *PUBLISHED, *judged))
    LocksServer(others.direct, "us-east-1").create()
    options = (*PUBLISHED, *AUDITED, *judged, "--lock", f"dynamodb:{TABLE}")
    signed = (*options, "--require-signature")
    with under("promote", *signed):
        done(cli.command("promote", f"{REPOSITORY}:candidate-1", "1.5.0", "latest", *signed))
    registry.api().delete_signing_configuration()  # which a rollback has no option for
    with under("rollback", *options):
        done(cli.command("rollback", "latest", *OF, "--to", "1.4.0", *options))
    registry.api().put_signing_configuration(signingConfiguration=rules)
    registry.sandbox.state.repositories.delete("private", REPOSITORY, force=True)
    registry.create(scan_on_push=False)
    # Of the commit before, as its labels say.
    shelf.put("main", labels={**OURS, "org.opencontainers.image.revision": project.head})
    asked = (project.root, *signed, "--image", f"oci:{layout}")
    with under("run", *asked):
        done(cli.run(*asked, *OF))
        project.commit()
        done(cli.run(*asked, *OF, "--tags", "type=ref,event=branch"))
    container = {"image": f"{uri}:1.3.0", "jobRoleArn": TASK, "resourceRequirements": NEEDS}
    job = {"type": "container", "containerProperties": container, "tags": TAGS}
    others.client("batch").register_job_definition(jobDefinitionName="nightly", **job)
    deployed = ("--job-definition", "nightly", *PUBLISHED, *AUDITED)
    with under("deploy batch", *deployed):
        done(cli.command("deploy", "batch", f"{REPOSITORY}:main", *deployed))
    logs = others.client("logs")
    heard, kept = (logs.filter_log_events(logGroupName=group)["events"] for group in (HEARD, GROUP))
    assert (len(heard), len(kept)) == (6, 10)


def test_what_happened_to_an_image(
    cli: CommandLine, registry: Registry, shelf: Shelf, trail: TrailServer, under: Under
) -> None:
    digest = shelf.put("1.4.2")
    trail.events = [put(REPOSITORY, "1.4.2", digest, datetime.now(timezone.utc))]
    with under("audit"):
        found = done(cli.command("audit", f"{REPOSITORY}:1.4.2"))
    assert "1.4.2" in found.stdout and len(trail.asked) > 3
