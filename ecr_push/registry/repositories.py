"""The settings of the repositories of a private registry: read, and changed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, member, optional_text, text
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import ATTEMPTS, Aws

_DESCRIBED = 100  # at most: shape RepositoryNameList


@dataclass(frozen=True)
class RepositorySettings:
    """A repository as it is.

    mutability: MUTABLE or IMMUTABLE. exceptions: patterns of tags for which the opposite holds.
    encryption: AES256, KMS or KMS_DSSE; kms_key is empty for AES256.
    lifecycle, policy: JSON; "" where there is none.
    """

    name: str
    arn: str
    mutability: str
    exceptions: tuple[str, ...]
    scan_on_push: bool
    encryption: str
    kms_key: str
    lifecycle: str = ""
    policy: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """Whose credentials these are, and where they are used. answered_at: AWS's time, exact to a second."""

    arn: str
    region: str
    answered_at: datetime | None

    @property
    def account(self) -> str:
        return self.arn.split(":")[4] if self.arn.count(":") >= 5 else ""


class Repositories:
    """The repositories of one registry. Every method may raise RegistryError.

    registry_id: the account that owns it; empty for the caller's own.
    """

    def __init__(self, access: Aws, registry_id: str = "") -> None:
        self._access = access
        self._registry_id = registry_id

    @property
    def region(self) -> str:
        """The region in effect. Raises AwsSettingsError where none is configured."""
        return self._access.region

    def caller(self) -> Caller:
        """Every principal may ask for it."""
        answer = call(self._access.client("sts"), "get_caller_identity")
        with answer_to("sts:GetCallerIdentity"):
            arn = text(answer, "Arn")
            date = optional_text(answer, "ResponseMetadata", "HTTPHeaders", "date")
        try:
            answered_at = parsedate_to_datetime(date) if date else None
        except ValueError:
            answered_at = None
        return Caller(arn, self.region, answered_at)

    def account(self) -> str:
        """The registry's, 12 digits."""
        return self._registry_id or self.caller().account

    def names(self) -> tuple[str, ...]:
        """The names of all of them."""
        api = self._api("")
        found = api.read_registry_pages(
            "describe_repositories",
            lambda page: each(lambda one: text(one, "repositoryName"), page, "repositories", required=True),
            maxResults=1000,
            **api.registry,
        )
        return tuple(name for page in found for name in page)

    def describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Shape Repository of those that exist, by name. A call a hundred, more where some are missing."""
        found: dict[str, Mapping[str, Any]] = {}
        for begin in range(0, len(names), _DESCRIBED):
            found |= self._describe(names[begin : begin + _DESCRIBED])
        return found

    def _describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        api = self._api("")
        try:
            listed = api.read_registry(
                "describe_repositories",
                lambda answer: each(lambda one: (text(one, "repositoryName"), one), answer, "repositories"),
                repositoryNames=list(names),
                **api.registry,
            )
            return dict(listed)
        except AwsRefusedError as refused:
            if refused.code != "RepositoryNotFoundException":
                raise
            if len(names) == 1:
                return {}
        # ECR names one that is missing, and describes none of the others.
        middle = len(names) // 2
        return {**self._describe(names[:middle]), **self._describe(names[middle:])}

    def settings(self, name: str, described: Mapping[str, Any]) -> RepositorySettings:
        """All settings of one that was described: three calls."""
        api = self._api(name)

        def read(one: Mapping[str, Any]) -> RepositorySettings:
            mutability = optional_text(one, "imageTagMutability") or "MUTABLE"
            filters = "imageTagMutabilityExclusionFilters"
            return RepositorySettings(
                name,
                text(one, "repositoryArn"),
                mutability.removesuffix("_WITH_EXCLUSION"),
                tuple(each(lambda found: text(found, "filter"), one, filters)),
                member(one, "imageScanningConfiguration", "scanOnPush") is True,
                optional_text(one, "encryptionConfiguration", "encryptionType") or "AES256",
                optional_text(one, "encryptionConfiguration", "kmsKey"),
            )

        found = api.reading("describe_repositories", read, described)
        tags = api.read_registry(
            "list_tags_for_resource",
            lambda answer: each(lambda one: (text(one, "Key"), optional_text(one, "Value")), answer, "tags"),
            resourceArn=found.arn,
        )
        return replace(
            found,
            lifecycle=_absent_is_empty(api, "get_lifecycle_policy", "lifecyclePolicyText"),
            policy=_absent_is_empty(api, "get_repository_policy", "policyText"),
            tags=dict(tags),
        )

    def create(self, name: str, **parameters: Any) -> str:
        """Creates one, with the parameters of CreateRepository. Returns its ARN."""
        try:
            return self._api(name).read(
                "create_repository",
                lambda answer: text(answer, "repository", "repositoryArn"),
                **parameters,
            )
        except AwsRefusedError as refused:
            if refused.code != "RepositoryAlreadyExistsException":
                raise
            found = self.describe([name]).get(name)  # someone was faster
            if found is None:
                raise
            return self.settings(name, found).arn

    def put_mutability(self, name: str, **parameters: Any) -> None:
        self._api(name).call("put_image_tag_mutability", **parameters)

    def put_scan_on_push(self, name: str, *, on: bool) -> None:
        scanning = {"scanOnPush": on}
        self._api(name).call("put_image_scanning_configuration", imageScanningConfiguration=scanning)

    def put_lifecycle(self, name: str, policy: str) -> None:
        """policy: "" removes it."""
        if policy:
            self._api(name).call("put_lifecycle_policy", lifecyclePolicyText=policy)
        else:
            _remove(self._api(name), "delete_lifecycle_policy")

    def put_policy(self, name: str, policy: str) -> None:
        """policy: "" removes it."""
        if policy:
            self._api(name).call("set_repository_policy", policyText=policy)
        else:
            _remove(self._api(name), "delete_repository_policy")

    def put_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Adds tags, or gives them new values."""
        client = self._access.client("ecr", attempts=ATTEMPTS)
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        call_for_any_answer(client, "tag_resource", resourceArn=arn, tags=listed)

    def _api(self, name: str) -> RepositoryApi:
        return RepositoryApi(self._access, "ecr", name, registry_id=self._registry_id)


def _absent_is_empty(api: RepositoryApi, operation: str, name: str) -> str:
    try:
        return api.read(operation, lambda answer: text(answer, name))
    except AwsRefusedError as refused:
        if refused.code in ("LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"):
            return ""
        raise


def _remove(api: RepositoryApi, operation: str) -> None:
    try:
        api.call(operation)
    except AwsRefusedError as refused:
        if refused.code not in ("LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"):
            raise
