"""A deployment to SageMaker, with answers from a table: what is made, under which names, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from ecr_push.base.errors import EcrPushError
from ecr_push.delivery.services.plan import DeployError, perform
from ecr_push.delivery.services.sagemaker import plan_sagemaker
from ecr_push.delivery.services.sagemaker_api import OF_A_CONFIG, OF_A_MODEL, SageMaker
from ecr_push.pipeline.deployment import Deployment
from ecr_push.settings.deploy_options import DeployOptions
from tests.support.aws import StubAws, refused
from tests.support.deploying import IMAGE, OLD, ONE, Waits, to_deploy

ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
SHORT = ONE.digest.value[7:19]
NEW = f"shop-{SHORT}"
SHOP = DeployOptions(endpoint="shop", deploy_timeout=60)
MISSING = refused("ValidationException")


def model(image: str = OLD, name: str = "shop-000000000000", **more: Any) -> dict[str, Any]:
    container = {"Image": image, "Mode": "SingleModel", "Environment": {"A": "1"}}
    found = {
        "ModelName": name,
        "PrimaryContainer": container,
        "ExecutionRoleArn": "arn:aws:iam::1:role/model-role",
    }
    return {**found, "ModelArn": f"{ARN}:model/{name}", "CreationTime": 1.0, **more}


def config(name: str = "shop-000000000000", of: str = "shop-000000000000", **more: Any) -> dict[str, Any]:
    variants = [
        {"VariantName": "all", "ModelName": of, "InitialInstanceCount": 2, "InstanceType": "ml.m5.large"}
    ]
    found = {"EndpointConfigName": name, "EndpointConfigArn": f"{ARN}:endpoint-config/{name}"}
    return {**found, "ProductionVariants": variants, "CreationTime": 1.0, **more}


def endpoint(of: str = "shop-000000000000", status: str = "InService", **more: Any) -> dict[str, Any]:
    return {"EndpointArn": f"{ARN}:endpoint/shop", "EndpointConfigName": of, "EndpointStatus": status, **more}


def table(**more: Any) -> dict[str, Any]:
    """There are one model and one configuration, and what is made after them."""
    return {
        "DescribeModel": lambda of: model() if of["ModelName"] == "shop-000000000000" else MISSING,
        "DescribeEndpointConfig": lambda of: (
            config() if of["EndpointConfigName"] == "shop-000000000000" else MISSING
        ),
        "ListTags": {"Tags": [{"Key": "team", "Value": "shop"}, {"Key": "aws:x", "Value": "1"}]},
        "CreateModel": {"ModelArn": f"{ARN}:model/{NEW}"},
        "CreateEndpointConfig": {"EndpointConfigArn": f"{ARN}:endpoint-config/{NEW}"},
        "UpdateEndpoint": {"EndpointArn": f"{ARN}:endpoint/shop"},
        "DescribeEndpoint": [endpoint(), endpoint(status="Updating"), endpoint(NEW)],
        **more,
    }


def deployed(answers: dict[str, Any], options: DeployOptions = SHOP) -> tuple[Deployment, StubAws]:
    aws, waits = StubAws(answers), Waits()
    plan = plan_sagemaker(to_deploy(), options, SageMaker(aws), waits)
    return perform(
        plan, waits.narrator, waits.noted.append, waits=options.deploy_timeout > 0, dry_run=False
    ), aws


def asked(aws: StubAws, operation: str) -> list[dict[str, Any]]:
    return [parameters for name, parameters in aws.log if name == operation]


def test_what_creating_refuses_is_what_botocore_says() -> None:
    shape = Session().get_service_model("sagemaker").shape_for
    for found, given, own in (
        ("DescribeModelOutput", "CreateModelInput", OF_A_MODEL),
        ("DescribeEndpointConfigOutput", "CreateEndpointConfigInput", OF_A_CONFIG),
    ):
        assert set(shape(found).members) - set(shape(given).members) == own - {"ResponseMetadata"}


def test_a_model_a_configuration_and_the_endpoint() -> None:
    done, aws = deployed(table())
    assert (done.result, done.before, done.subject) == ("deployed", (OLD,), "endpoint shop")
    assert [one.made for one in done.steps] == [NEW, NEW, f"{ARN}:endpoint/shop"]
    [made] = asked(aws, "CreateModel")
    wanted = {name: of for name, of in model(IMAGE, NEW).items() if name not in OF_A_MODEL}
    assert made == {**wanted, "Tags": [{"Key": "team", "Value": "shop"}]}
    [made] = asked(aws, "CreateEndpointConfig")
    assert made["ProductionVariants"] == config(of=NEW)["ProductionVariants"]
    [update] = asked(aws, "UpdateEndpoint")
    assert update["RetainAllVariantProperties"] is True and "RetainDeploymentConfig" not in update


def test_what_an_earlier_call_has_made_is_not_made_again() -> None:
    there = {"Tags": [{"Key": "team", "Value": "shop"}]}
    done, aws = deployed(
        table(
            DescribeModel=lambda of: model(IMAGE, NEW) if of["ModelName"] == NEW else model(),
            DescribeEndpointConfig=lambda of: (
                config(NEW, NEW) if of["EndpointConfigName"] == NEW else config()
            ),
            ListTags=there,
            DescribeEndpoint=[endpoint(LastDeploymentConfig={}), endpoint(NEW)],
        )
    )
    assert [one.what for one in done.steps] == ["update endpoint shop"]
    assert asked(aws, "UpdateEndpoint")[0]["RetainDeploymentConfig"] is True
    done, _ = deployed(table(DescribeModel=model(IMAGE), DescribeEndpoint=endpoint()))
    assert (done.result, done.before) == ("already", (IMAGE,))


def test_a_name_that_another_model_has_gets_an_end_of_its_own() -> None:
    """The same image, with another environment than the model of that name."""
    known = {NEW: model(IMAGE, NEW, PrimaryContainer={"Image": IMAGE}), "shop": model(name="shop")}
    done, aws = deployed(
        table(DescribeModel=lambda of: known.get(of["ModelName"], MISSING)), DeployOptions(model="shop")
    )
    [made] = asked(aws, "CreateModel")
    assert done.subject == f"model {made['ModelName']}" and made["ModelName"].startswith(f"{NEW}-")
    again, _ = deployed(
        table(
            DescribeModel=lambda of: {**known, made["ModelName"]: model(IMAGE)}.get(of["ModelName"], MISSING)
        ),
        DeployOptions(model="shop"),
    )
    assert again.result == "already"


def test_a_model_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    said = {
        "ModelName": "shop",
        "Containers": [{"ContainerHostname": "web", "Image": "x"}, {"Image": "nginx"}],
    }
    path.write_text(json.dumps({**said, "Rolle": "x"}))
    with pytest.raises(EcrPushError) as raised:
        deployed(table(), DeployOptions(model=str(path), containers=("web",)))
    assert 'model.json: Unknown parameter in input: "Rolle"' in str(raised.value)
    path.write_text(json.dumps(said))
    options = DeployOptions(model=str(path), containers=("web",))
    done, aws = deployed(table(DescribeModel=MISSING), options)
    assert done.subject == f"model {NEW}"
    assert [one["Image"] for one in asked(aws, "CreateModel")[0]["Containers"]] == [IMAGE, "nginx"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"DescribeEndpoint": MISSING}, "there is no endpoint shop"),
        ({"DescribeEndpoint": endpoint(status="Updating")}, "is Updating, in which it cannot be updated"),
        ({"DescribeModel": model("nginx")}, "no container has an image of team/shop"),
        (
            {"DescribeEndpointConfig": config(ProductionVariants=[{"VariantName": "a"}])},
            "inference components",
        ),
    ],
)
def test_what_is_refused_before_anything_changes(more: dict[str, Any], words: str) -> None:
    with pytest.raises(EcrPushError) as raised:
        deployed(table(**more))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        ([endpoint(status="Updating"), endpoint(FailureReason="the image has no server")], "has no server"),
        ([endpoint(NEW, "Failed", FailureReason="no capacity")], "no capacity"),
        ([endpoint(status="Updating")], "is not complete in time"),
    ],
)
def test_an_update_that_fails_says_why(later: list[Any], words: str) -> None:
    with pytest.raises(DeployError) as raised:
        deployed(table(DescribeEndpoint=[endpoint(), *later]))
    assert words in str(raised.value)
