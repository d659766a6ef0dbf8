"""The policies of repositories and of the registry, checked as ECR checks them."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.iam.document import Policy
from ecr_push.base.iam.kinds import PUBLIC_REPOSITORY, REGISTRY, REPOSITORY
from ecr_push.base.iam.read import read_policy_text
from ecr_push.sandbox.model import Kind

REGISTRY_POLICY = "registryPolicy"  # its name in RegistrySettings.extra

Of = Literal["repository", "registry"]


def read(text: str, of: Of, kind: Kind) -> Policy:
    """Reads a policy's text. Raises PolicyError for one that ECR refuses."""
    wanted = REGISTRY if of == "registry" else PUBLIC_REPOSITORY if kind == "public" else REPOSITORY
    return read_policy_text(text, wanted, wanted.title)
