"""Which tags a repository lets move: the settings that it gets when we create it, and their description."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.registry.interface import RepositoryState, WantedRepository
from ecr_push.release.claims import decider
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.temporary import CANDIDATE_PREFIX, CLAIM_PREFIX

CANDIDATES = f"{CANDIDATE_PREFIX}*"
CLAIMS = f"{CLAIM_PREFIX}*"
MOST_FILTERS = 5  # ECR's service model, shape ImageTagMutabilityExclusionFilters


def wanted_repository(floating: str, kms_key: str = "") -> WantedRepository:
    """The strictest tag mutability that the floating tags leave possible.

    ECR's filters have at most two `*` each, and cannot distinguish `1.4` from `1.4.2`. So if line and
    branch tags move, ECR itself can freeze the sha tags alone, and the claims that decide on versions
    (`claims.py`); otherwise everything is frozen but what must move.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    """
    if floating == "all":
        return WantedRepository("MUTABLE_WITH_EXCLUSION", ("sha-*", CLAIMS), kms_key)
    movable = (CANDIDATES, "dirty-*") + (("latest",) if floating == "latest" else ())
    return WantedRepository("IMMUTABLE_WITH_EXCLUSION", movable, kms_key)


def frozen(wanted: WantedRepository) -> str:
    """Describes which tags of a new repository can move."""
    kind = "no tag" if wanted.mutability.startswith("IMMUTABLE") else "all tags"
    return f"{kind} can move" + (f" except {', '.join(wanted.exclusions)}" if wanted.exclusions else "")


def mutability_text(state: RepositoryState) -> str:
    """Describes the mutability of an existing repository, as the reason why a tag cannot move."""
    excluded = f" (excluded: {', '.join(state.exclusions)})" if state.exclusions else ""
    return f"{state.repository} is {state.mutability}{excluded}"


def undecided_text(tags: Iterable[ReleaseTag], state: RepositoryState) -> str:
    """What lets the registry decide between two runs of one version; "" where it does, or need not."""
    open_tags = [tag for tag in tags if tag.kind is TagKind.VERSION and decider(tag.tag, state) == "none"]
    if not open_tags:
        return ""
    what = f"the registry cannot decide between two pipelines that release {open_tags[0]} at the same time: "
    filters = (*(state.exclusions or ("sha-*",)), CLAIMS)
    if state.repository.registry.kind == "public" or len(filters) > MOST_FILTERS:
        return f"{what}use --lock dynamodb:TABLE"
    if state.mutability not in ("MUTABLE", "MUTABLE_WITH_EXCLUSION"):
        return f"{what}remove {CLAIMS} from the filters of its immutability, or use --lock dynamodb:TABLE"
    return f"{what}add the filter {CLAIMS}, or use --lock dynamodb:TABLE; {add_filters(state, filters)}"


def add_filters(state: RepositoryState, filters: Iterable[str]) -> str:
    """The command that freezes these tags of a repository whose other tags can move."""
    listed = " ".join(f"filterType=WILDCARD,filter='{pattern}'" for pattern in filters)
    return (
        f"aws ecr put-image-tag-mutability --repository-name {state.repository.name} "
        "--image-tag-mutability MUTABLE_WITH_EXCLUSION "
        f"--image-tag-mutability-exclusion-filters {listed}"
    )
