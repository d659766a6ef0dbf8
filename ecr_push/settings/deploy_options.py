"""The options that say what runs an image, and whether it is verified before that changes."""

from __future__ import annotations

from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import (
    DEPLOYING,
    VERIFYING,
    WHAT_IS_ACCEPTED,
    WHERE_IT_RUNS,
    Duration,
    Parsed,
    matching,
    option,
)

# Permissions are for one service, one function, one endpoint, too.
_IAM = "iam policy"
_ECS = frozenset({"deploy ecs", _IAM})
_LAMBDA = frozenset({"deploy lambda", _IAM})
_BATCH = frozenset({"deploy batch", _IAM})
_SAGEMAKER = frozenset({"deploy sagemaker", _IAM})
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html, likewise of a service
_EcsName = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:[a-z]+/([A-Za-z0-9_-]+/)?)?[A-Za-z0-9_-]{1,255}",
        "name",
        "letters, digits, _ and -, or an ARN",
    ),
]
# Shapes FunctionName and Alias of Lambda's service model.
_Function = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,64}",
        "function",
        "its name or ARN, without a version; --alias names an alias",
    ),
]
_Alias = Annotated[
    str, matching(r"(?!\d+$)[A-Za-z0-9_-]{1,128}", "alias", "letters, digits, _ and -, not a number alone")
]
# Shapes EndpointName of SageMaker's service model, and jobDefinitionName's text in Batch's.
_Endpoint = Annotated[
    str, matching(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}", "endpoint", "its name: letters, digits and -")
]


def _definition(text: str) -> str:
    """A name has neither a dot nor a slash, and a file has one of them."""
    if not text.strip() or text.startswith("arn:"):
        raise ValueError(
            f"{text!r} is neither a name nor a file: expected a name, or a path such as task.json"
        )
    return text


Definition = Annotated[str, Parsed(_definition)]


@dataclass(frozen=True, eq=False, repr=False)
class DeployOptions:
    """What runs the image. Who deploys it says so: no file of a checkout can."""

    cluster: _EcsName = option(
        "", WHERE_IT_RUNS, _ECS, "ECS cluster.", metavar="NAME", default_text="default", by_caller=True
    )
    service: _EcsName = option(
        "",
        WHERE_IT_RUNS,
        _ECS,
        "ECS service that gets the image. Without it a task definition is registered and no service changed.",
        metavar="NAME",
        by_caller=True,
    )
    task_definition: Definition = option(
        "",
        WHERE_IT_RUNS,
        _ECS,
        "Task definition in which the image is put: a file, or the family of one that is registered.",
        metavar="FILE|FAMILY",
        default_text="what the service runs",
        by_caller=True,
    )
    redeploy: bool = option(
        False,
        WHERE_IT_RUNS,
        _ECS,
        "Start the service's tasks again, with the task definition that it has, whose tag must name the "
        "image. Nothing is registered.",
        by_caller=True,
    )
    function: _Function = option(
        "", WHERE_IT_RUNS, _LAMBDA, "Lambda function that gets the image.", metavar="NAME", by_caller=True
    )
    alias: _Alias = option(
        "",
        WHERE_IT_RUNS,
        _LAMBDA,
        "Publish a version, and point this alias of the function to it.",
        metavar="NAME",
        by_caller=True,
    )
    job_definition: Definition = option(
        "",
        WHERE_IT_RUNS,
        _BATCH,
        "Job definition of Batch that gets a revision with the image: a name, or a file.",
        metavar="NAME|FILE",
        by_caller=True,
    )
    endpoint: _Endpoint = option(
        "",
        WHERE_IT_RUNS,
        _SAGEMAKER,
        "SageMaker endpoint that gets the image: a model and a configuration are made, and it is updated.",
        metavar="NAME",
        by_caller=True,
    )
    model: Definition = option(
        "",
        WHERE_IT_RUNS,
        _SAGEMAKER,
        "SageMaker model of which one with the image is made: a name, or a file. No endpoint is changed.",
        metavar="NAME|FILE",
        by_caller=True,
    )
    containers: tuple[str, ...] = option(
        (),
        WHERE_IT_RUNS,
        (DEPLOYING | {"render"}) - {"deploy lambda"},
        "The container that gets the image; may be repeated. Of a kustomization: the name of an entry of "
        "images. Without it, those that have an image of the same repository.",
        key="container",
        metavar="NAME",
        separator=",",
        by_caller=True,
    )
    deploy_timeout: Duration = option(
        1800.0,
        WHERE_IT_RUNS,
        DEPLOYING - {"deploy batch"},
        "How long the deployment may take, such as 10m; 0 does not wait for its end.",
        metavar="DURATION",
        default_text="30m",
        by_caller=True,
    )
    verify_first: bool = option(
        False,
        WHAT_IS_ACCEPTED,
        (VERIFYING - {"verify"}) | {_IAM},
        "Before anything changes, refuse an image that lacks what --require names, as `verify` does.",
        key="verify",
        by_caller=True,
    )
