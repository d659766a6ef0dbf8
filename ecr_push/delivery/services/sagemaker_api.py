"""Amazon SageMaker, as far as a deployment asks it: models, configurations of endpoints, and endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, member, optional_text, text
from ecr_push.registry.api import or_nothing
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.parameters import problems_of
from ecr_push.registry.aws.session import Aws

# SageMaker says in words alone that there is none; the names that it is asked for are valid.
_MISSING = "ValidationException"
_MOST_PAGES = 20  # of 50 tags, the most that a resource can have


@dataclass(frozen=True)
class EndpointState:
    """config: the configuration that it has. keeps: whether it had a deployment configuration before."""

    arn: str
    config: str
    status: str
    why: str = ""
    keeps: bool = False


# Members of DescribeModelOutput and DescribeEndpointConfigOutput that CreateModel and CreateEndpointConfig do
# not take.
OF_A_MODEL = frozenset({"CreationTime", "DeploymentRecommendation", "ModelArn", "ResponseMetadata"})
OF_A_CONFIG = frozenset({"CreationTime", "EndpointConfigArn", "ResponseMetadata"})


class SageMaker:
    """Every method may raise RegistryError."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client("sagemaker")

    def model(self, name: str) -> Mapping[str, Any] | None:
        """What CreateModel takes for such a model, with its tags."""
        return self._described("describe_model", "ModelArn", OF_A_MODEL, ModelName=name)

    def config(self, name: str) -> Mapping[str, Any] | None:
        """What CreateEndpointConfig takes for such a configuration, with its tags."""
        return self._described(
            "describe_endpoint_config", "EndpointConfigArn", OF_A_CONFIG, EndpointConfigName=name
        )

    def endpoint(self, name: str) -> EndpointState | None:
        answer: Mapping[str, Any] = or_nothing(
            lambda: call(self._client, "describe_endpoint", EndpointName=name), _MISSING, {}
        )
        if not answer:
            return None
        with answer_to("sagemaker:DescribeEndpoint"):
            return EndpointState(
                arn=text(answer, "EndpointArn"),
                config=optional_text(answer, "EndpointConfigName"),
                status=text(answer, "EndpointStatus"),
                why=optional_text(answer, "FailureReason"),
                keeps=member(answer, "LastDeploymentConfig") is not None,
            )

    def problems_of(self, definition: Mapping[str, Any]) -> tuple[str, ...]:
        """What creating a model does not take."""
        return problems_of(self._client, "create_model", definition)

    def create_model(self, definition: Mapping[str, Any]) -> str:
        """Returns its name."""
        call(self._client, "create_model", **definition)
        return str(definition["ModelName"])

    def create_config(self, definition: Mapping[str, Any]) -> str:
        """Returns its name."""
        call(self._client, "create_endpoint_config", **definition)
        return str(definition["EndpointConfigName"])

    def change_endpoint(self, name: str, config: str, *, keeps: bool) -> str:
        """The endpoint's ARN. keeps: roll out as the last time, with its alarms.

        RetainAllVariantProperties: numbers of instances and weights stay as they were scaled to.
        """
        answer = call(
            self._client,
            "update_endpoint",
            EndpointName=name,
            EndpointConfigName=config,
            RetainAllVariantProperties=True,
            **({"RetainDeploymentConfig": True} if keeps else {}),
        )
        with answer_to("sagemaker:UpdateEndpoint"):
            return text(answer, "EndpointArn")

    def _described(
        self, operation: str, arn: str, read_only: frozenset[str], **named: str
    ) -> Mapping[str, Any] | None:
        answer: Mapping[str, Any] = or_nothing(lambda: call(self._client, operation, **named), _MISSING, {})
        if not answer:
            return None
        with answer_to(f"sagemaker:{operation}"):
            tags = self._tags(text(answer, arn))
        given = {name: value for name, value in answer.items() if name not in read_only}
        # Describing may give an empty VpcConfig, which creating does not take.
        kept = {name: value for name, value in given.items() if value not in (None, "", [], {})}
        return {**kept, "Tags": tags} if tags else kept

    def _tags(self, arn: str) -> list[Mapping[str, Any]]:
        """Those that may be given again: not AWS's own."""
        tags: list[Mapping[str, Any]] = []
        token: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page = call_for_any_answer(self._client, "list_tags", ResourceArn=arn, **token)
            with answer_to("sagemaker:ListTags"):
                tags += each(lambda one: one, page, "Tags")
                following = optional_text(page, "NextToken")
            if not following:
                break
            token = {"NextToken": following}
        return [one for one in tags if not optional_text(one, "Key").startswith("aws:")]
