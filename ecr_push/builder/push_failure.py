"""What is said where a registry did not take the candidate."""

from __future__ import annotations

from ecr_push.base.errors import RegistryError

_REMEDY = (
    "the answer of the registry is above. 403: allow what `ecr-push iam policy -r REPOSITORY` prints, unless "
    "a policy of the repository denies it, or its quota of images is reached. 429, or a connection that "
    "ended: run again"
)


def push_failure(why: str) -> RegistryError:
    return RegistryError("the candidate could not be pushed", why=why, remedy=_REMEDY)
