"""The settings of a whole private registry, one account in one region: the nouns.

Shapes of ECR's service model, with their lists in an order of ours, so that equal settings compare equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place


@dataclass(frozen=True)
class RegistryScanning:
    """How repositories are scanned. mode: BASIC or ENHANCED.

    rules: patterns of repository names by frequency: SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.
    """

    mode: str = "BASIC"
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplicationRule:
    """places: where to. prefixes: of the names of repositories; all of them without.

    deletes: whether a deleted image, and a removed tag, is deleted there too.
    """

    places: tuple[Place, ...]
    prefixes: tuple[str, ...] = ()
    deletes: bool = False

    def copies(self, name: str) -> bool:
        """Whether it copies the repository with this name."""
        return not self.prefixes or name.startswith(self.prefixes)


@dataclass(frozen=True)
class CreationTemplate:
    """What repositories get that ECR itself creates under a prefix. "" and () for what it leaves open.

    applied_for: PULL_THROUGH_CACHE, REPLICATION, CREATE_ON_PUSH. mutability: MUTABLE or IMMUTABLE.
    exceptions:  patterns of tags for which the opposite holds.
    lifecycle, policy: JSON. role: the ARN of the one that ECR assumes for tags and KMS keys.
    """

    applied_for: tuple[str, ...]
    description: str = ""
    mutability: str = "MUTABLE"
    exceptions: tuple[str, ...] = ()
    encryption: str = "AES256"
    kms_key: str = ""
    lifecycle: str = ""
    policy: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    role: str = ""


@dataclass(frozen=True)
class CacheRule:
    """A pull-through cache. url: the upstream registry's host. kind: shape UpstreamRegistry.

    credential: the ARN of a secret. role: the ARN of what ECR assumes, for an upstream ECR.
    upstream_prefix: ROOT for the same names as upstream.
    """

    url: str
    kind: str = ""
    credential: str = ""
    role: str = ""
    upstream_prefix: str = "ROOT"


@dataclass(frozen=True)
class SigningRule:
    """profile: the ARN of a signing profile. patterns: of names of repositories; all of them without."""

    profile: str
    patterns: tuple[str, ...] = ()
