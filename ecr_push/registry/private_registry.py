"""The settings of a whole private registry: read with a call for each kind, and changed one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ecr_push.base.errors import RegistryError
from ecr_push.base.shape import each, each_text, inside, optional_text, text
from ecr_push.registry.api import RepositoryApi, or_nothing
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.registry_settings import (
    CacheRule,
    CreationTemplate,
    RegistryScanning,
    ReplicationRule,
    SigningRule,
)
from ecr_push.registry.registry_shapes import (
    access_of,
    as_replication_rule,
    as_scanning,
    as_signing_rule,
    as_template,
    read_cache,
    read_replication_rule,
    read_scanning,
    read_signing_rule,
    read_template,
)

T = TypeVar("T")


class PrivateRegistry:
    """The caller's own registry in one region; no operation takes another account's.

    Every method may raise RegistryError. What is put replaces the whole kind, or the whole rule.
    """

    def __init__(self, access: Aws) -> None:
        self._api = RepositoryApi(access, "ecr", "")

    @property
    def region(self) -> str:
        """The region in effect. Raises AwsSettingsError where none is configured."""
        return self._api.aws.region

    def account(self) -> str:
        return self._api.read_registry("describe_registry", lambda answer: text(answer, "registryId"))

    # -- scanning

    def scanning(self) -> RegistryScanning:
        return self._api.read_registry(
            "get_registry_scanning_configuration",
            lambda answer: inside(read_scanning, answer, "scanningConfiguration"),
        )

    def put_scanning(self, scanning: RegistryScanning) -> None:
        self._api.call_registry("put_registry_scanning_configuration", **as_scanning(scanning))

    # -- replication

    def replication(self) -> tuple[ReplicationRule, ...]:
        """In the order of the rules."""
        return self._api.read_registry(
            "describe_registry",
            lambda answer: tuple(each(read_replication_rule, answer, "replicationConfiguration", "rules")),
        )

    def put_replication(self, rules: Sequence[ReplicationRule]) -> None:
        way = ("replicationConfiguration", "rules", "deleteReplication")
        if any(rule.deletes for rule in rules) and not self._api.takes("put_replication_configuration", *way):
            raise RegistryError(
                "the installed AWS SDK does not know the replication of deletions",
                remedy="install boto3 1.44.4 or later",
            )
        put = {"rules": [as_replication_rule(rule) for rule in rules]}
        self._api.call_registry("put_replication_configuration", replicationConfiguration=put)

    # -- templates

    def templates(self) -> Mapping[str, CreationTemplate]:
        """By prefix."""
        return dict(
            self._paged(
                "describe_repository_creation_templates", read_template, "repositoryCreationTemplates"
            )
        )

    def put_template(self, prefix: str, template: CreationTemplate, before: CreationTemplate | None) -> None:
        """Every setting, since what an update leaves out may be set to its default.

        before: the template that there is; None creates one.
        """
        operation = f"{'create' if before is None else 'update'}_repository_creation_template"
        self._api.call_registry(operation, prefix=prefix, **as_template(template, before))

    def remove_template(self, prefix: str) -> None:
        self._removed("delete_repository_creation_template", "TemplateNotFoundException", prefix=prefix)

    # -- pull-through caches

    def caches(self) -> Mapping[str, CacheRule]:
        """By prefix."""
        return dict(self._paged("describe_pull_through_cache_rules", read_cache, "pullThroughCacheRules"))

    def create_cache(self, prefix: str, rule: CacheRule) -> None:
        given = {
            "upstreamRegistry": rule.kind,
            **access_of(rule),
            "upstreamRepositoryPrefix": "" if rule.upstream_prefix == "ROOT" else rule.upstream_prefix,
        }
        self._api.call_registry(
            "create_pull_through_cache_rule",
            ecrRepositoryPrefix=prefix,
            upstreamRegistryUrl=rule.url,
            **{name: value for name, value in given.items() if value},
        )

    def update_cache(self, prefix: str, rule: CacheRule) -> None:
        """Of a rule that exists ECR changes the credential and the role alone."""
        self._api.call_registry(
            "update_pull_through_cache_rule", ecrRepositoryPrefix=prefix, **access_of(rule)
        )

    def remove_cache(self, prefix: str) -> None:
        code = "PullThroughCacheRuleNotFoundException"
        self._removed("delete_pull_through_cache_rule", code, ecrRepositoryPrefix=prefix)

    # -- managed signing

    def signing(self) -> tuple[SigningRule, ...]:
        self._api.needs("get_signing_configuration", "1.41.2")
        return or_nothing(
            lambda: self._api.read_registry(
                "get_signing_configuration",
                lambda answer: tuple(each(read_signing_rule, answer, "signingConfiguration", "rules")),
            ),
            "SigningConfigurationNotFoundException",
            (),
        )

    def put_signing(self, rules: Sequence[SigningRule]) -> None:
        """Without rules it is removed."""
        if not rules:
            self._removed("delete_signing_configuration", "SigningConfigurationNotFoundException")
            return
        put = [as_signing_rule(rule) for rule in rules]
        self._api.call_registry("put_signing_configuration", signingConfiguration={"rules": put})

    # -- principals whose pulls are not recorded

    def exclusions(self) -> tuple[str, ...]:
        self._api.needs("list_pull_time_update_exclusions", "1.41.0")
        pages = self._api.read_registry_pages(
            "list_pull_time_update_exclusions",
            lambda page: each_text(str, page, "pullTimeUpdateExclusions"),
        )
        return tuple(sorted(one for page in pages for one in page))

    def add_exclusion(self, principal: str) -> None:
        try:
            self._api.call_registry("register_pull_time_update_exclusion", principalArn=principal)
        except AwsRefusedError as refused:
            if refused.code != "ExclusionAlreadyExistsException":
                raise

    def remove_exclusion(self, principal: str) -> None:
        code = "ExclusionNotFoundException"
        self._removed("deregister_pull_time_update_exclusion", code, principalArn=principal)

    # -- settings of the account in this region

    def account_setting(self, name: str) -> str:
        """ "" for one that ECR does not have in this region."""
        try:
            return self._api.read_registry(
                "get_account_setting", lambda answer: optional_text(answer, "value"), name=name
            )
        except AwsRefusedError as refused:
            if refused.code in ("InvalidParameterException", "ValidationException"):
                return ""
            raise

    def put_account_setting(self, name: str, value: str) -> None:
        self._api.call_registry("put_account_setting", name=name, value=value)

    # -- the registry's policy

    def policy(self) -> str:
        """JSON; "" for none."""
        return or_nothing(
            lambda: self._api.read_registry("get_registry_policy", lambda answer: text(answer, "policyText")),
            "RegistryPolicyNotFoundException",
            "",
        )

    def put_policy(self, policy: str) -> None:
        """policy: "" removes it."""
        if policy:
            self._api.call_registry("put_registry_policy", policyText=policy)
        else:
            self._removed("delete_registry_policy", "RegistryPolicyNotFoundException")

    def _paged(self, operation: str, read: Callable[[Mapping[str, Any]], T], name: str) -> list[T]:
        pages = self._api.read_registry_pages(operation, lambda page: each(read, page, name))
        return [one for page in pages for one in page]

    def _removed(self, operation: str, missing: str, **parameters: Any) -> None:
        """What is not there is removed already."""
        or_nothing(lambda: self._api.call_registry(operation, **parameters), missing, None)
