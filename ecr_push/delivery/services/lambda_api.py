"""AWS Lambda, as far as a deployment asks it: a function's code, its versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each_text, mapping, optional_text, text
from ecr_push.registry.api import or_nothing
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws

_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True)
class FunctionState:
    """Shapes FunctionConfiguration and FunctionCodeLocation.

    package: Zip or Image. image: REPOSITORY@DIGEST that it runs, "" for none; given: as it was named.
    update:  Successful, Failed or InProgress. revision: changes with each change of the function.
    """

    arn: str
    package: str
    architecture: str
    image: str
    given: str
    revision: str
    code: str
    state: str
    update: str
    why: str = ""

    @property
    def region(self) -> str:
        return self.arn.split(":")[3] if self.arn.count(":") >= 5 else ""


@dataclass(frozen=True)
class AliasState:
    """version: that it points to. is_split: whether a part of the calls goes to another one."""

    version: str
    revision: str
    is_split: bool


class Lambda:
    """Every method may raise RegistryError. function: a name or an ARN."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client("lambda")

    def find(self, function: str, version: str = "") -> FunctionState | None:
        named = {"FunctionName": function, **({"Qualifier": version} if version else {})}
        answer: Mapping[str, Any] = or_nothing(
            lambda: call(self._client, "get_function", **named), _MISSING, {}
        )
        if not answer:
            return None
        with answer_to("lambda:GetFunction"):
            return _function(answer)

    def alias(self, function: str, name: str) -> AliasState | None:
        answer: Mapping[str, Any] = or_nothing(
            lambda: call(self._client, "get_alias", FunctionName=function, Name=name), _MISSING, {}
        )
        if not answer:
            return None
        with answer_to("lambda:GetAlias"):
            weights = mapping(answer, "RoutingConfig", "AdditionalVersionWeights")
            version = text(answer, "FunctionVersion")
            return AliasState(version, optional_text(answer, "RevisionId"), bool(weights))

    def update_code(self, function: str, image: str, revision: str) -> str:
        """Returns the new revision. revision: what the function must have, so that no change is lost."""
        only_if = {"RevisionId": revision} if revision else {}
        answer = call(self._client, "update_function_code", FunctionName=function, ImageUri=image, **only_if)
        with answer_to("lambda:UpdateFunctionCode"):
            return optional_text(answer, "RevisionId") or text(answer, "FunctionArn")

    def publish(self, function: str, code: str) -> str:
        """The number of a version of this code; of the last one, where it has that already."""
        only_if = {"CodeSha256": code} if code else {}
        answer = call(self._client, "publish_version", FunctionName=function, **only_if)
        with answer_to("lambda:PublishVersion"):
            return text(answer, "Version")

    def point(self, function: str, alias: str, version: str, revision: str) -> str:
        """The alias's ARN. revision: what it must have."""
        only_if = {"RevisionId": revision} if revision else {}
        answer = call(
            self._client,
            "update_alias",
            FunctionName=function,
            Name=alias,
            FunctionVersion=version,
            **only_if,
        )
        with answer_to("lambda:UpdateAlias"):
            return text(answer, "AliasArn")


def _function(answer: Mapping[str, Any]) -> FunctionState:
    found = mapping(answer, "Configuration")
    architectures = each_text(str, found, "Architectures")
    return FunctionState(
        arn=text(found, "FunctionArn"),
        package=optional_text(found, "PackageType") or "Zip",
        architecture=architectures[0] if architectures else "x86_64",
        image=optional_text(answer, "Code", "ResolvedImageUri"),
        given=optional_text(answer, "Code", "ImageUri"),
        revision=optional_text(found, "RevisionId"),
        code=optional_text(found, "CodeSha256"),
        state=optional_text(found, "State"),
        update=optional_text(found, "LastUpdateStatus"),
        why=optional_text(found, "LastUpdateStatusReason") or optional_text(found, "StateReason"),
    )
