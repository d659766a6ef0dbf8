"""A branch's name as an image tag, so that two branches do not share one without notice.

- A name that is a valid tag stays as it is, and each `/` becomes `-`: `feature/login` is
  `feature-login`, as every CI writes it.
- Where more than that is lost (other characters, a leading `.` or `-`, the length), the first eight
  digits of the name's SHA-256 follow: `fix#12` is `fix-12-8d3c…`, and `fix-12` stays itself.
- `feature/login` and `feature-login` would get the same tag: where the clone has the other branch, the one
  with the `/` gets the hash. A clone of a single branch does not have it: the price of readable tags, for
  names that differ only in `/` and `-`.
- A name that is reserved for other tags (`latest`, `1.4`, `v2.0.0-x`, `sha-…`, `pr-12`) becomes
  `branch-NAME-HASH`: a branch called `1.4` must not move the release line's tag.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ecr_push.base.reference import Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme

_LONGEST_TAG = 128
_HASH_DIGITS = 8
_INVALID = lazy_regex(r"[^A-Za-z0-9_.-]+")
_RESERVED = lazy_regex(
    r"latest|v?[0-9]+(\.[0-9]+){0,2}|(sha|dirty)-[0-9a-f]{7,64}(-[0-9a-f]{8})?|(candidate|claim)-.*"
    r"|pr-[0-9]+|sha256-[0-9a-f]{64}(\..*)?",
    re.IGNORECASE,
)


def branch_slug(branch: str, others: Iterable[str] = (), scheme: Scheme = SEMVER) -> Tag:
    """The tag of a branch. others are the branches that the clone has; this one may be among them."""
    plain = branch.replace("/", "-")
    met = "/" in branch and any(other != branch and other.replace("/", "-") == plain for other in others)
    kept = not met and _is_tag(plain)
    slug = plain if kept else hashed(plain, branch)
    if is_reserved(slug, scheme):
        slug = hashed(f"branch-{plain}", branch)
    return Tag(slug)


def _is_tag(text: str) -> bool:
    return len(text) <= _LONGEST_TAG and text[:1] not in ("", ".", "-") and not _INVALID.search(text)


def is_reserved(name: str, scheme: Scheme) -> bool:
    """Whether a name is kept for other tags than a branch's, or is a version, of semver or of the scheme."""
    return bool(_RESERVED.fullmatch(name)) or any(one.rank(name) is not None for one in (SEMVER, scheme))


def hashed(text: str, branch: str) -> str:
    """text as a tag, with the hash of what it stands for."""
    digest = hashlib.sha256(branch.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    readable = _INVALID.sub("-", text)[: _LONGEST_TAG - _HASH_DIGITS - 1].strip("-.")
    return f"{readable or 'branch'}-{digest}"
