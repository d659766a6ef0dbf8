"""The candidate's tag: the name under which an image waits for its verdict, and when it goes."""

from __future__ import annotations

from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.tags.kinds import CANDIDATE_PREFIX


def retire(digest: Digest, client: RepositoryClient, narrator: Narrator) -> bool:
    """Removes the candidate tags of an image that has a release tag. False if ECR refused.

    All of them, an earlier run's too: a lifecycle rule that expires candidates would expire the
    released image along with one. The image is released whether this works or not, so a refusal is a
    warning.
    """
    try:
        candidates = sorted(
            (tag for tag in client.tags_of(digest) if tag.name.startswith(CANDIDATE_PREFIX)), key=str
        )
        if candidates:
            client.remove_tags(candidates)
    except RegistryError as error:
        narrator.warn(f"the candidate's tag stays on the released image: {error.what}: {error.why}")
        return False
    return True


def is_lost(candidate: Tag, digest: Digest, client: Reader) -> bool:
    """Whether someone removed the candidate's tag or moved it to another image while the run waited.

    False if the registry cannot be asked: the tag is then assumed to be where the run left it.
    """
    try:
        return client.digests([candidate]).get(candidate) != digest
    except EcrPushError:
        return False
