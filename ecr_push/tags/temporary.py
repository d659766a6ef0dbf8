"""Tags that runs set for their own work and remove again: candidates' and claims. Pure.

They say nothing of what was accepted or released, and no release tag begins like one of them; nor like that
of a signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from ecr_push.base.reference import Tag
from ecr_push.base.regex import lazy_regex

# What is not judged yet; see `promote.py`.
CANDIDATE_PREFIX = "candidate-"
# The image that is about to get a tag: `claim-1.4.2` is put before 1.4.2; see `claims.py`.
CLAIM_PREFIX = "claim-"
TEMPORARY_PREFIXES = (CANDIDATE_PREFIX, CLAIM_PREFIX)

_ATTACHED = lazy_regex(r"sha256-[0-9a-f]{64}(\.|$)")
_LONGEST_TAG = 128
_HASH_DIGITS = 16


def is_temporary(name: str) -> bool:
    """Whether a tag is a candidate's or a claim."""
    return name.startswith(TEMPORARY_PREFIXES)


def claim_on(tag: Tag) -> Tag:
    """The tag that claims another one. Where both together are too long, a hash stands for the rest."""
    name = f"{CLAIM_PREFIX}{tag}"
    if len(name) <= _LONGEST_TAG:
        return Tag(name)
    digits = hashlib.sha256(tag.name.encode()).hexdigest()[:_HASH_DIGITS]
    return Tag(f"{name[: _LONGEST_TAG - _HASH_DIGITS - 1]}-{digits}")


def done_with(tags: Collection[Tag]) -> list[Tag]:
    """What a released image needs no more of all its tags: candidates', and claims on tags that it has.

    A claim may go as soon as the claimed tag is there: everyone who claims it reads that tag afterwards.
    """
    claims = {claim_on(tag) for tag in tags}
    return sorted((tag for tag in tags if tag.name.startswith(CANDIDATE_PREFIX) or tag in claims), key=str)


def is_attached(name: str) -> bool:
    """Whether a tag is that of a signature, an SBOM or another artifact about an image, as cosign names them.

    A release tag of that name would take the signature's place. Without an ending it lists all of them:
    https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
    """
    return bool(_ATTACHED.match(name))


def reserved(name: str) -> str:
    """Why a name cannot be a release tag, in words; "" if it can be one."""
    if name.startswith(CANDIDATE_PREFIX):
        return f"{name!r}: 'candidate-' is reserved for unreleased images"
    if name.startswith(CLAIM_PREFIX):
        return f"{name!r}: 'claim-' is reserved for images that are about to be released"
    if is_attached(name):
        return f"{name!r}: it is reserved for what is attached to an image, such as its signature"
    return ""
