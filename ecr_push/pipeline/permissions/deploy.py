"""The permissions of `ecr-push deploy`: for the image, the service that runs it, and its roles. Pure.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html and
likewise list_awslambda, list_awsbatch and list_amazonsagemaker.
"""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.iam.allow_statement import ALL, AllowStatement
from ecr_push.base.iam.arn import arn_of, global_arn_of
from ecr_push.base.place import Place
from ecr_push.pipeline.permissions import steps
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses


def image(wish: Wish) -> Iterator[AllowStatement]:
    """What finds an image, reads its platforms, and verifies it."""
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", "DescribeRepositories", *uses.READ)
    if wish.command == "verify" or wish.settings.deploy.verify_first:
        yield from steps.key(wish, "kms:DescribeKey", "kms:GetPublicKey")


def render(wish: Wish) -> Iterator[AllowStatement]:
    """The image is given by its digest: it is looked at for --verify alone."""
    return image(wish) if wish.settings.deploy.verify_first else iter(())


def _image(wish: Wish) -> Iterator[AllowStatement]:
    yield from image(wish)
    yield from steps.publish(wish)


def ecs(wish: Wish) -> Iterator[AllowStatement]:
    options, place = wish.settings.deploy, _place(wish)
    yield from _image(wish)
    family = "*" if _is_open(options.task_definition) else options.task_definition.partition(":")[0]
    definitions = arn_of(place, "ecs", f"task-definition/{family}:*")
    yield AllowStatement("Definition", ("ecs:DescribeTaskDefinition",), ALL)
    if not options.redeploy:
        yield AllowStatement("Definition", ("ecs:RegisterTaskDefinition", "ecs:TagResource"), (definitions,))
        yield _pass_roles("ecs-tasks.amazonaws.com", place)
    if options.task_definition and not options.service:
        return
    cluster = _last(options.cluster) or "default"
    services = arn_of(place, "ecs", f"service/{cluster}/{_last(options.service) or '*'}")
    yield AllowStatement("Service", ("ecs:DescribeServices", "ecs:UpdateService"), (services,))
    if not options.redeploy:
        express = ("ecs:DescribeExpressGatewayService", "ecs:UpdateExpressGatewayService")
        yield AllowStatement("ExpressService", express, (services,))
    # Why tasks have stopped, for the failure.
    tasks = arn_of(place, "ecs", f"task/{cluster}/*")
    yield AllowStatement("StoppedTasks", ("ecs:DescribeTasks",), (tasks,))
    within = {"ArnEquals": {"ecs:cluster": arn_of(place, "ecs", f"cluster/{cluster}")}}
    yield AllowStatement("StoppedTasks", ("ecs:ListTasks",), ALL, conditions=within)


def function(wish: Wish) -> Iterator[AllowStatement]:
    """Whether the repository's policy lets Lambda in is read, too."""
    options, place = wish.settings.deploy, _place(wish)
    yield from _image(wish)
    name = arn_of(place, "lambda", f"function:{_last(options.function) or '*'}")
    yield AllowStatement("Function", ("lambda:GetFunction", "lambda:UpdateFunctionCode"), (name,))
    if options.alias:
        aliased = ("lambda:GetAlias", "lambda:PublishVersion", "lambda:UpdateAlias")
        yield AllowStatement("Function", aliased, (name,))
        # The ARN of a version ends with its number.
        yield AllowStatement("Versions", ("lambda:GetFunction",), (f"{name}:*",))
    if not wish.repository.public:
        yield wish.repository.may("Look", "GetRepositoryPolicy")


def batch(wish: Wish) -> Iterator[AllowStatement]:
    options, place = wish.settings.deploy, _place(wish)
    yield from _image(wish)
    name = "*" if _is_open(options.job_definition) else options.job_definition
    jobs = arn_of(place, "batch", f"job-definition/{name}")
    yield AllowStatement("Definition", ("batch:DescribeJobDefinitions",), ALL)
    yield AllowStatement("Definition", ("batch:RegisterJobDefinition",), (jobs,))
    yield AllowStatement("Definition", ("batch:TagResource",), (f"{jobs}:*",))
    yield _pass_roles("ecs-tasks.amazonaws.com", place)


def sagemaker(wish: Wish) -> Iterator[AllowStatement]:
    """What is made has a name that follows from the image, which no policy knows."""
    options, place = wish.settings.deploy, _place(wish)
    yield from _image(wish)
    models = arn_of(place, "sagemaker", "model/*")
    configs = arn_of(place, "sagemaker", "endpoint-config/*")
    tags = ("sagemaker:AddTags", "sagemaker:ListTags")
    yield AllowStatement("Model", ("sagemaker:CreateModel", "sagemaker:DescribeModel", *tags), (models,))
    yield _pass_roles("sagemaker.amazonaws.com", place)
    if options.model and not options.endpoint:
        return
    made = ("sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig", *tags)
    yield AllowStatement("Configuration", made, (configs,))
    endpoint = arn_of(place, "sagemaker", f"endpoint/{options.endpoint.lower() or '*'}")
    yield AllowStatement("Endpoint", ("sagemaker:DescribeEndpoint",), (endpoint,))
    yield AllowStatement("Endpoint", ("sagemaker:UpdateEndpoint",), (endpoint, configs))


def _place(wish: Wish) -> Place:
    """Of the service: in the account of the role that calls it. The registry may be in another one."""
    options = wish.settings.registry
    account = (options.role or options.role_to_assume).split(":")[4:5]
    return Place(options.region or wish.region, account[0] if account else "")


def _pass_roles(service: str, place: Place) -> AllowStatement:
    """The roles in a definition are handed to the service: those may be named in place of all."""
    only = {"StringEquals": {"iam:PassedToService": service}}
    return AllowStatement(
        "PassRoles", ("iam:PassRole",), (global_arn_of(place, "iam", "role/*"),), conditions=only
    )


def _is_open(definition: str) -> bool:
    """Whether the name of a definition is not known here: none is given, or it is in a file."""
    return not definition or "." in definition or "/" in definition


def _last(name: str) -> str:
    """The name at the end of an ARN."""
    return name.rpartition("/")[2].rpartition(":")[2]
