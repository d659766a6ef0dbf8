"""A deployment to Lambda, with answers from a table: what is refused, updated, published, pointed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.lambda_api import Lambda
from ecr_push.delivery.services.lambda_function import plan_lambda
from ecr_push.delivery.services.plan import DeployError, perform
from ecr_push.pipeline.deployment import Deployment
from ecr_push.settings.deploy_options import DeployOptions
from tests.support.aws import StubAws, refused
from tests.support.deploying import ARM, BOTH, IMAGE, OLD, URI, Waits, to_deploy

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:shop"
LATEST = DeployOptions(function="shop", deploy_timeout=60)
LIVE = DeployOptions(function="shop", alias="live", deploy_timeout=60)


def function(image: str = OLD, update: str = "Successful", **more: Any) -> dict[str, Any]:
    configuration = {"FunctionArn": ARN, "PackageType": "Image", "RevisionId": "r1", "CodeSha256": "c1"}
    configuration |= {"State": "Active", "LastUpdateStatus": update, "Architectures": ["x86_64"]}
    return {
        "Configuration": {**configuration, **more},
        "Code": {"ImageUri": image, "ResolvedImageUri": image},
    }


def alias(version: str = "7", **weights: float) -> dict[str, Any]:
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
    return {
        "AliasArn": f"{ARN}:live",
        "Name": "live",
        "FunctionVersion": version,
        "RevisionId": "a1",
        **routing,
    }


CODE = {"FunctionArn": ARN, "RevisionId": "r2"}
VERSION = {"FunctionArn": f"{ARN}:8", "Version": "8"}


def deployed(
    answers: dict[str, Any], options: DeployOptions = LATEST, image: ImageToDeploy | None = None
) -> tuple[Deployment, StubAws, Waits]:
    aws, waits = StubAws(answers), Waits()
    plan = plan_lambda(image or to_deploy(), options, Lambda(aws), waits)
    return (
        perform(plan, waits.narrator, waits.noted.append, waits=options.deploy_timeout > 0, dry_run=False),
        aws,
        waits,
    )


def asked(aws: StubAws, operation: str) -> list[dict[str, Any]]:
    return [parameters for name, parameters in aws.log if name == operation]


def test_the_code_is_updated_and_what_it_was_resolved_to_proves_it() -> None:
    done, aws, waits = deployed(
        {
            "GetFunction": [function(), function(IMAGE, "InProgress"), function(IMAGE)],
            "UpdateFunctionCode": CODE,
        }
    )
    assert (done.result, done.before, done.subject) == ("deployed", (OLD,), "function shop")
    [update] = asked(aws, "UpdateFunctionCode")
    assert (update["ImageUri"], update["RevisionId"]) == (IMAGE, "r1")
    assert "the update of function shop is InProgress" in waits.narrator.said
    already, aws, _ = deployed({"GetFunction": function(IMAGE)})
    assert (already.result, asked(aws, "UpdateFunctionCode")) == ("already", [])


def test_another_update_is_waited_for_and_its_revision_is_taken() -> None:
    found = [
        function(update="InProgress"),
        function(update="InProgress"),
        function(RevisionId="r9"),
        function(IMAGE),
    ]
    done, aws, _ = deployed({"GetFunction": found, "UpdateFunctionCode": CODE})
    assert done.result == "deployed" and asked(aws, "UpdateFunctionCode")[0]["RevisionId"] == "r9"


def test_a_version_is_published_and_the_alias_points_to_it() -> None:
    answers = {"UpdateFunctionCode": CODE, "GetAlias": alias(), "PublishVersion": VERSION}
    answers["UpdateAlias"] = {"AliasArn": f"{ARN}:live"}
    seen: list[Any] = [
        function(),
        function(),
        function(IMAGE),
        function(IMAGE, State="Pending"),
        function(IMAGE),
    ]
    done, aws, _ = deployed({"GetFunction": seen, **answers}, LIVE)
    assert [one.made for one in done.steps] == ["r2", "8", f"{ARN}:live"]
    assert (done.subject, done.before) == ("alias live of function shop", (OLD,))
    [pointed] = asked(aws, "UpdateAlias")
    assert (pointed["FunctionVersion"], pointed["RevisionId"]) == ("8", "a1")
    assert asked(aws, "PublishVersion")[0]["CodeSha256"] == "c1"
    # Stopped after the update: the rest is done, and nothing twice.
    by_version = lambda of: function(OLD if of.get("Qualifier") == "7" else IMAGE)  # noqa: E731
    done, _, _ = deployed({"GetFunction": by_version, **answers}, LIVE)
    assert [one.made for one in done.steps] == ["8", f"{ARN}:live"]
    done, _, _ = deployed({"GetFunction": function(IMAGE), "GetAlias": alias()}, LIVE)
    assert (done.result, done.before) == ("already", (IMAGE,))


@pytest.mark.parametrize(
    ("answers", "options", "image", "words"),
    [
        ({"GetFunction": refused("ResourceNotFoundException")}, LATEST, None, "there is no function shop"),
        ({"GetFunction": function(PackageType="Zip")}, LATEST, None, "made of a Zip archive"),
        (
            {"GetFunction": function(), "GetAlias": refused("ResourceNotFoundException")},
            LIVE,
            None,
            "no alias live",
        ),
        (
            {"GetFunction": function(), "GetAlias": alias(**{"6": 0.1})},
            LIVE,
            None,
            "sends a part of the calls",
        ),
        (
            {"GetFunction": function()},
            LATEST,
            to_deploy(ARM, "linux/arm64"),
            "the function runs on linux/amd64",
        ),
        (
            {"GetFunction": function()},
            LATEST,
            to_deploy(uri=URI.replace("eu-west-1", "us-east-1")),
            "it is in us-east-1, and the function in eu-west-1: copy it there",
        ),
        (
            {"GetFunction": function()},
            LATEST,
            to_deploy(uri="public.ecr.aws/acme/shop"),
            "private repositories",
        ),
        (
            {"GetFunction": function()},
            LATEST,
            to_deploy(uri=URI.replace(".ecr.", ".ecr-fips.")),
            "FIPS endpoint",
        ),
        ({"GetFunction": function()}, LATEST, to_deploy(layers=[{"size": 11 << 30}]), "takes 10 GB unpacked"),
    ],
)
def test_what_lambda_would_refuse_is_refused_before(
    answers: dict[str, Any], options: DeployOptions, image: ImageToDeploy | None, words: str
) -> None:
    with pytest.raises(EcrPushError) as raised:
        deployed(answers, options, image)
    assert words in str(raised.value)


@pytest.mark.parametrize(("architecture", "manifest"), [("x86_64", IMAGE), ("arm64", f"{URI}@{ARM.digest}")])
def test_of_an_index_the_function_gets_the_image_for_its_architecture(
    architecture: str, manifest: str
) -> None:
    runs = function(manifest, Architectures=[architecture])
    done, aws, waits = deployed(
        {"GetFunction": [function(Architectures=[architecture]), runs], "UpdateFunctionCode": CODE},
        image=to_deploy(BOTH),
    )
    assert done.image == manifest == asked(aws, "UpdateFunctionCode")[0]["ImageUri"]
    assert any("Lambda takes no index" in one for one in waits.narrator.said)


def test_an_index_without_that_architecture_is_refused() -> None:
    only_arm = json.loads(BOTH.body)["manifests"][1:]
    from tests.support.fakes import index

    with pytest.raises(DeployError) as raised:
        deployed({"GetFunction": function()}, image=to_deploy(index(only_arm), "linux/arm64"))
    assert "it is an index of 1 manifests" in raised.value.why
    assert "the function runs on linux/amd64" in raised.value.why


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (function(IMAGE, "Failed", LastUpdateStatusReason="it has no entry point"), "it has no entry point"),
        (function(f"{URI}@sha256:{'9' * 64}"), "something else has updated it meanwhile"),
        (function(IMAGE, "InProgress"), "is not complete in time"),
    ],
)
def test_an_update_that_fails_says_why(later: dict[str, Any], words: str) -> None:
    with pytest.raises(DeployError) as raised:
        deployed({"GetFunction": [function(), later], "UpdateFunctionCode": CODE})
    assert words in str(raised.value)


def test_a_policy_that_does_not_let_lambda_in_is_a_warning() -> None:
    def unreadable() -> str:
        raise RegistryError("not allowed")

    answers = {"GetFunction": [function(), function(IMAGE)], "UpdateFunctionCode": CODE}
    allows = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                }
            ],
        }
    )
    for policy, warned in ((lambda: "", 1), (lambda: allows, 0), (unreadable, 0), (None, 0)):
        _, _, waits = deployed(answers, image=to_deploy(policy=policy))
        assert len(waits.narrator.warned) == warned
