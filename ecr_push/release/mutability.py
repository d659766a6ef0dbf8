"""Which tags a repository lets move: the settings that it gets when we create it, and their description."""

from __future__ import annotations

from ecr_push.registry.interface import RepositoryState, WantedRepository
from ecr_push.tags.kinds import CANDIDATE_PREFIX

CANDIDATES = f"{CANDIDATE_PREFIX}*"


def wanted_repository(floating: str, kms_key: str = "") -> WantedRepository:
    """The strictest tag mutability that the floating tags leave possible.

    ECR's filters have at most two `*` each, and cannot distinguish `1.4` from `1.4.2`. So if line and
    branch tags move, ECR itself can freeze the sha tags alone, and `moves.py` guards the versions;
    otherwise everything is frozen but what must move.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    """
    if floating == "all":
        return WantedRepository("MUTABLE_WITH_EXCLUSION", ("sha-*",), kms_key)
    movable = (CANDIDATES, "dirty-*") + (("latest",) if floating == "latest" else ())
    return WantedRepository("IMMUTABLE_WITH_EXCLUSION", movable, kms_key)


def frozen(wanted: WantedRepository) -> str:
    """Describes which tags of a new repository can move."""
    names = ", ".join(wanted.exclusions)
    if wanted.mutability == "MUTABLE_WITH_EXCLUSION":
        return f"all tags can move except {names}"
    return f"no tag can move except {names}"


def mutability_text(state: RepositoryState) -> str:
    """Describes the mutability of an existing repository, as the reason why a tag cannot move."""
    excluded = f" (excluded: {', '.join(state.exclusions)})" if state.exclusions else ""
    return f"{state.repository} is {state.mutability}{excluded}"
