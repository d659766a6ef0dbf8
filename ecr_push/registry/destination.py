"""`--to`: another repository that gets the accepted image, as the user names it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from ecr_push.base.dataclass import dataclass
from ecr_push.base.partition import partition_of
from ecr_push.base.reference import Registry, has_registry, parse_repository
from ecr_push.base.suggest import did_you_mean
from ecr_push.registry.option_types import AccountId, Region, RepositoryText, RoleArn
from ecr_push.registry.target import RepositoryTarget, find_target

_TYPES: Mapping[str, Any] = {
    "repository": RepositoryText,
    "region": Region,
    "account": AccountId,
    "role": RoleArn,
}
_KEYS = (*_TYPES, "profile", "kms-key", "required")


class DestinationError(ValueError):
    """A text that names no destination. problems: everything that is wrong with it."""

    def __init__(self, text: str, problems: list[str]) -> None:
        self.problems = tuple(one if repr(text) in one else f"{text!r}: {one}" for one in problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True)
class Destination:
    """Another repository that gets the accepted image. Empty: as in the run's own repository.

    repository: a name or a whole URI.
    role:     is assumed in place of --role.
    profile:  of the AWS configuration, in place of the run's own credentials.
    kms_key:  encrypts the repository where it is created.
    required: False where the run may succeed without it.
    """

    repository: str = ""
    region: str = ""
    account: str = ""
    role: str = ""
    profile: str = ""
    kms_key: str = ""
    required: bool = True

    def target(self, own: RepositoryTarget) -> RepositoryTarget:
        """The repository that is meant, beside the run's own."""
        name = self.repository or own.name
        access = RepositoryTarget(name, role=self.role, profile=self.profile)
        if has_registry(name):
            return replace(find_target(name), role=self.role, profile=self.profile)
        if own.public:  # which says nothing of a private registry
            return replace(access, region=self.region, registry_id=self.account)
        # With credentials of its own, the registry is by default that of their account.
        account = self.account or ("" if self.role or self.profile else own.registry_id)
        elsewhere = self.region or self.account or self.role or self.profile
        return replace(
            access,
            region=self.region or own.region,
            registry_id=account,
            host="" if elsewhere else own.host,
        )

    def __str__(self) -> str:
        about = {"region": self.region, "account": self.account, "role": self.role, "profile": self.profile}
        where = ", ".join(f"{key} {value}" for key, value in about.items() if value)
        name = self.repository or "the same repository"
        return f"{name} ({where})" if where else name


def parse_destination(text: str) -> Destination:
    """A repository alone, or `key=value,…` as a line of CSV. Raises DestinationError."""
    import csv

    try:
        fields = next(csv.reader([text], strict=True), []) or [text]
    except csv.Error as error:
        raise DestinationError(text, [f"is not one line of CSV: {error}"]) from error
    if len(fields) == 1 and "=" not in text:
        fields = [f"repository={text}"]
    given: dict[str, str] = {}
    problems = []
    for field in fields:
        key, equals, value = field.partition("=")
        if key not in _KEYS or not equals:
            expected = f"expected {', '.join(f'{one}=…' for one in _KEYS)}"
            problems.append(f"{field!r}: {expected}{did_you_mean(key, _KEYS)}")
        elif key in given:
            problems.append(f"{key} is given twice")
        elif not value:
            problems.append(f"{key} has no value")
        given[key] = value
    problems += [problem for key, value in given.items() if (problem := _mistake(key, value))]
    if not problems:
        problems += _contradictions(given)
    if problems:
        raise DestinationError(text, problems)
    required = given.pop("required", "true") == "true"
    return Destination(**{key.replace("-", "_"): value for key, value in given.items()}, required=required)


def _mistake(key: str, value: str) -> str:
    if key == "required":
        return "" if value in ("true", "false") else f"required={value}: expected true or false"
    if not value or key not in _TYPES:
        return ""
    try:
        get_args(_TYPES[key])[1].read(value)
    except ValueError as error:
        return f"{key}: {error}"
    return ""


def _of_another_partition(role: str, region: str) -> Iterator[str]:
    if role and region and (there := partition_of(region)) != (of := role.split(":")[1]):
        yield f"role {role} is of the partition {of}, and {region} is in {there}: no role of {of} works there"


def _contradictions(given: Mapping[str, str]) -> list[str]:
    repository = given.get("repository", "")
    if not has_registry(repository):
        return list(_of_another_partition(given.get("role", ""), given.get("region", "")))
    registry: Registry = parse_repository(repository).registry
    found = list(_of_another_partition(given.get("role", ""), registry.region))
    if registry.kind == "public" and "kms-key" in given:
        found.append("kms-key: ECR Public has no KMS encryption")
    if registry.kind == "local":
        found.append(
            "a registry on this machine is named by the endpoint of its profile: give the name alone"
        )
    for key, own in (("region", registry.region), ("account", registry.account)):
        if key in given and given[key] != own:
            found.append(f"{key} {given[key]} contradicts the repository, whose URI names it")
    return found
