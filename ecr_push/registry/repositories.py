"""The settings of the repositories of a private registry: read, and changed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError
from ecr_push.base.shape import each, member, optional_text, text
from ecr_push.registry.access import FoundAccess, policy_of, read_access, tags_of
from ecr_push.registry.api import RepositoryApi, or_nothing
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.errors import AwsRefusedError, date_of
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.catalog import PublicCatalogs
from ecr_push.registry.creation import creation, set_policy
from ecr_push.registry.interface import WantedRepository

_FEW = 8  # as many are looked up one by one, before all are listed
_DESCRIBED = 100  # at most: shape RepositoryNameList
_PAGE = 1000  # the longest of DescribeRepositories


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
class CallerIdentity:
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

    def caller(self) -> CallerIdentity:
        """Every principal may ask for it."""
        answer = call(self._access.client("sts"), "get_caller_identity")
        with answer_to("sts:GetCallerIdentity"):
            return CallerIdentity(text(answer, "Arn"), self.region, date_of(answer))

    def refused(self, principal: str, actions: Sequence[str], resource: str) -> Mapping[str, bool] | None:
        """The actions that a role's or a user's own policies do not allow, and whether that is certain.

        It is not where a condition asks for what only a real call has. None where this may not be asked.
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
        """
        from ecr_push.registry.simulation import simulate

        return simulate(self._access, principal, actions, resource)

    def quotas(self) -> Mapping[str, int] | None:
        """The quotas of the caller's account, by name; None where they may not be asked for."""
        from ecr_push.registry.quotas import applied_quotas

        return applied_quotas(self._access)

    def account(self) -> str:
        """The registry's, 12 digits."""
        return self._registry_id or self.caller().account

    def access(self, name: str) -> FoundAccess:
        """What says who may do what with one, which need not exist."""
        is_own = not self._registry_id or self._registry_id == self.caller().account
        return read_access(self._api(name), is_own_registry=is_own)

    def catalogs(self) -> PublicCatalogs:
        """The public repositories of the same credentials."""
        return PublicCatalogs(self._access)

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        """Shape Repository of all of them, by name."""
        api = self._api("")
        found = api.read_registry_pages(
            "describe_repositories",
            lambda page: each(_named, page, "repositories", required=True),
            maxResults=_PAGE,
            **api.registry,
        )
        return {name: one for page in found for name, one in page}

    def describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Shape Repository of those that exist, by name.

        A call for a hundred; if one of many is missing, all of the registry are listed.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for begin in range(0, len(names), _DESCRIBED):
            batch = names[begin : begin + _DESCRIBED]
            described = self._describe(batch)
            if described is None:
                return {**found, **self._describe_one_by_one(names[begin:])}
            found |= described
        return found

    def _describe_one_by_one(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """ECR names one that is missing, and describes none of the others. Not everyone may list all."""
        if len(names) <= _FEW:
            return self._describe_halves(names)
        try:
            there = self.all()
        except AuthenticationError:
            return self._describe_halves(names)
        return {name: there[name] for name in names if name in there}

    def _describe_halves(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        middle = len(names) // 2
        found: dict[str, Mapping[str, Any]] = {}
        for half in (names[:middle], names[middle:]):
            described = self._describe(half[:_DESCRIBED]) if 0 < len(half) <= _DESCRIBED else None
            if described is not None:
                found |= described
            elif len(half) > 1:
                found |= self._describe_halves(half)
        return found

    def _describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]] | None:
        """None where one of them is missing."""
        api = self._api("")
        try:
            listed = api.read_registry(
                "describe_repositories",
                lambda answer: each(_named, answer, "repositories"),
                repositoryNames=list(names),
                **api.registry,
            )
        except AwsRefusedError as refused:
            if refused.code != "RepositoryNotFoundException":
                raise
            return None
        return dict(listed)

    def settings(self, name: str, described: Mapping[str, Any]) -> RepositorySettings:
        """What the description of one says: without its policies and tags, each of which is a call."""

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

        return self._api(name).reading("describe_repositories", read, described)

    # Of hundreds of repositories at once, so from here on the caller slows down and calls again, not the SDK.

    def lifecycle(self, name: str) -> str:
        api = self._api(name)
        return or_nothing(
            lambda: api.read(
                "get_lifecycle_policy", lambda answer: text(answer, "lifecyclePolicyText"), attempts=1
            ),
            "LifecyclePolicyNotFoundException",
            "",
        )

    def policy(self, name: str) -> str:
        return policy_of(self._api(name), attempts=1)

    def tags(self, arn: str) -> Mapping[str, str]:
        return tags_of(self._api(""), arn, attempts=1)

    def create(self, name: str, wanted: WantedRepository) -> None:
        """Creates one, without its policies."""
        self._api(name).read(
            "create_repository",
            lambda answer: text(answer, "repository", "repositoryArn"),
            attempts=1,
            **creation(wanted),
        )

    def put_mutability(self, name: str, **parameters: Any) -> None:
        self._api(name).call("put_image_tag_mutability", attempts=1, **parameters)

    def put_scan_on_push(self, name: str, *, on: bool) -> None:
        scanning = {"scanOnPush": on}
        api = self._api(name)
        api.call("put_image_scanning_configuration", attempts=1, imageScanningConfiguration=scanning)

    def put_lifecycle(self, name: str, policy: str) -> None:
        """policy: "" removes it."""
        api = self._api(name)
        if policy:
            api.call("put_lifecycle_policy", attempts=1, lifecyclePolicyText=policy)
        else:
            none = "LifecyclePolicyNotFoundException"
            or_nothing(lambda: api.call("delete_lifecycle_policy", attempts=1), none, None)

    def put_policy(self, name: str, policy: str) -> None:
        """policy: "" removes it."""
        api = self._api(name)
        if policy:
            set_policy(api, policy, attempts=1)
        else:
            none = "RepositoryPolicyNotFoundException"
            or_nothing(lambda: api.call("delete_repository_policy", attempts=1), none, None)

    def put_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Adds tags, or gives them new values."""
        client = self._access.client("ecr", attempts=1)
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        call_for_any_answer(client, "tag_resource", resourceArn=arn, tags=listed)

    def _api(self, name: str) -> RepositoryApi:
        return RepositoryApi(self._access, "ecr", name, registry_id=self._registry_id)


def _named(one: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return text(one, "repositoryName"), one
