"""What the sandbox stores: repositories, images and the content of their manifests.

All types are frozen; `State` replaces whole values, so that a reader never sees half a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ecr_push.base.partition import partition_of
from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox import wildcard

Kind = Literal["private", "public"]
ImageStatus = Literal["ACTIVE", "ARCHIVED", "ACTIVATING"]
MutabilitySetting = Literal["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"]

MAX_TAGS_PER_IMAGE = 1_000
MAX_EXCLUSION_FILTERS = 5
MAX_WILDCARDS_PER_FILTER = 2
# botocore's service model, shape ImageTagMutabilityExclusionFilterValue.
_EXCLUSION_FILTER = lazy_regex(r"[0-9a-zA-Z._*-]{1,128}")


class EcrError(Exception):
    """An error that ECR itself reports: code is the API's error code, such as `RepositoryNotFoundException`.

    The control plane renders it as its JSON error, the data plane maps the code to an OCI error code.
    """

    def __init__(self, code: str, message: str, http_status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status


@dataclass(frozen=True)
class Descriptor:
    """A manifest's reference to another blob or manifest; platform is `os/arch[/variant]` or empty."""

    digest: str
    media_type: str
    size: int
    platform: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mutability:
    """A repository's tag mutability with its wildcard exclusion filters, validated once.

    Raises EcrError InvalidParameterException for filters that ECR refuses.
    """

    setting: MutabilitySetting = "MUTABLE"
    exclusions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.setting.endswith("_WITH_EXCLUSION") != bool(self.exclusions):
            raise EcrError(
                "InvalidParameterException",
                "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: "
                "'exclusion filters are required with, and only allowed with, a _WITH_EXCLUSION setting'",
            )
        if len(self.exclusions) > MAX_EXCLUSION_FILTERS:
            raise EcrError(
                "InvalidParameterException",
                "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: "
                f"'Member must have length less than or equal to {MAX_EXCLUSION_FILTERS}'",
            )
        for pattern in self.exclusions:
            if not _EXCLUSION_FILTER.fullmatch(pattern) or pattern.count("*") > MAX_WILDCARDS_PER_FILTER:
                raise EcrError(
                    "InvalidParameterException",
                    f"Invalid parameter at 'imageTagMutabilityExclusionFilters': {pattern!r} failed to "
                    "satisfy constraint: '1 to 128 of [0-9a-zA-Z._*-] with at most "
                    f"{MAX_WILDCARDS_PER_FILTER} wildcards'",
                )

    def protects(self, tag: str) -> bool:
        """Whether this tag is immutable once it is set."""
        excluded = any(wildcard.matches(pattern, tag) for pattern in self.exclusions)
        return excluded != self.setting.startswith("IMMUTABLE")


@dataclass(frozen=True)
class StoredRepository:
    """One repository with its settings. Times are seconds since the epoch.

    name:     as the API names it; without the alias for a public repository.
    alias:    the public registry's alias, empty for a private repository.
    catalog:  ECR Public's catalog data, in that API's shape.
    extra:    settings of later operations, JSON values under names that the control plane chooses.
    """

    kind: Kind
    name: str
    registry_id: str
    region: str
    created_at: float
    alias: str = ""
    mutability: Mutability = field(default_factory=Mutability)
    scan_on_push: bool = False
    encryption_type: str = "AES256"
    kms_key: str = ""
    resource_tags: Mapping[str, str] = field(default_factory=dict)
    policy_text: str = ""
    lifecycle_text: str = ""
    catalog: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The name on the data plane, `/v2/PATH/…`: a public one starts with the alias."""
        return f"{self.alias}/{self.name}" if self.alias else self.name

    @property
    def arn(self) -> str:
        if self.kind == "public":
            return f"arn:aws:ecr-public::{self.registry_id}:repository/{self.name}"
        return f"arn:{partition_of(self.region)}:ecr:{self.region}:{self.registry_id}:repository/{self.name}"


@dataclass(frozen=True)
class Image:
    """One manifest in one repository: a plain image, an index or an artifact.

    config and layers are set for an image, children for an index.
    tags are sorted; an untagged image has none. Times are seconds since the epoch, 0 for never.
    archived_at:  when it was moved to the archive. restored_at: from when on it can be pulled again.
    unsigned:     signing profiles that the one who pushed it may not use, and why.
    """

    digest: str
    media_type: str
    manifest_size: int
    pushed_at: float
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    children: tuple[Descriptor, ...] = ()
    artifact_type: str = ""
    subject: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    last_pulled_at: float = 0.0
    archived_at: float = 0.0
    restored_at: float = 0.0
    unsigned: Mapping[str, str] = field(default_factory=dict)

    def status(self, now: float) -> ImageStatus:
        """Shape ImageStatus. An image that is being restored cannot be pulled before restored_at."""
        if self.restored_at < self.archived_at:
            return "ARCHIVED"
        return "ACTIVATING" if self.restored_at > now else "ACTIVE"

    @property
    def is_index(self) -> bool:
        return self.config is None

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """The blobs that must be in the repository before this manifest is pushed."""
        return ((self.config,) if self.config else ()) + self.layers


@dataclass(frozen=True)
class RegistrySettings:
    """Settings of the whole registry.

    blob_mounting:   cross-repository mounts; None until it is set: off in ECR then, on in the sandbox.
    extra:           further settings, JSON values under names that the control plane chooses.
    """

    blob_mounting: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
