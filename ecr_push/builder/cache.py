"""Which build cache a run reads and writes: one for each branch, in tags of a repository or scopes of a CI.

A cache decides on what is in an image, so who may write it is who may push: a branch's runs write the
branch's cache, a pull request's write one that no branch reads, and code from a fork writes none.
Pure.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Registry, Tag
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.cache_options import CacheKind, CacheOptions
from ecr_push.source.model import Source

TAGS = "cache*"  # a pattern for every tag below
# A name that is a tag as it is gets the first prefix, any other one the second, so that no two names share
# a tag: `feature-a` and `feature/a`.
_PLAIN, _HASHED = "cache-", "cache_"
_LONGEST_TAG = 128
_HASH_DIGITS = 16
_MOST_BYTES_OF_NAME = 256  # of a repository: shape RepositoryName
_SUFFIX = "-cache"

# ECR takes a cache as an image's manifest alone, BuildKit's default since 0.21 only:
# https://aws.amazon.com/blogs/containers/announcing-remote-cache-support-in-amazon-ecr-for-buildkit-clients/
# A cache that cannot be written would fail the build after its image was pushed: ignore-error.
_WRITTEN = "mode=max,ignore-error=true"
_IN_REGISTRY = f"image-manifest=true,oci-mediatypes=true,{_WRITTEN}"


@dataclass(frozen=True)
class BuildCache:
    """What a build reads, the nearest first, and what it writes: names of caches; "" writes none.

    repository: that holds the caches, in the image's registry; of a workflow's cache, the image's repository,
    because a workflow may build several images.
    """

    kind: CacheKind = "none"
    repository: str = ""
    reads: tuple[str, ...] = ()
    writes: str = ""

    @property
    def is_used(self) -> bool:
        return bool(self.reads or self.writes)

    def without_reading(self) -> BuildCache:
        return replace(self, reads=())

    def added_to(self, inputs: BuildKitInputs, registry: Registry | None) -> BuildKitInputs:
        """inputs with what reads and writes this cache. registry: the image's, where it is known."""
        where, attributes = f"type=gha,scope={self.repository}/", _WRITTEN
        if self.kind == "ecr":
            if registry is None:
                return inputs
            where, attributes = f"type=registry,ref={registry}/{self.repository}:", _IN_REGISTRY
        return replace(
            inputs,
            cache_from=(*inputs.cache_from, *(f"{where}{name}" for name in self.reads)),
            cache_to=(*inputs.cache_to, *((f"{where}{self.writes},{attributes}",) if self.writes else ())),
        )

    def __str__(self) -> str:
        reads = f"reads {', '.join(self.reads)}" if self.reads else "reads none"
        writes = f"writes {self.writes}" if self.writes else "writes none"
        of_workflow = "of the workflow, " if self.kind == "gha" else ""
        return f"{of_workflow}{self.repository}: {reads}; {writes}"


def plan_cache(
    options: CacheOptions,
    repository: str,
    source: Source,
    *,
    head_branch: str = "",
    target_branch: str = "",
    variant: str = "",
    queued: bool = False,
    tagged: bool = False,
    outside: bool = False,
    read: bool = True,
) -> BuildCache:
    """The cache of a run for source, whose image goes to the repository of this name.

    head_branch, target_branch: of a pull request, where the CI names them.
    variant: what else than the branch makes a build another one, which would replace this one's cache.
    queued:  the branch is a merge queue's own, which is gone after the run.
    tagged:  the run is a tag's, whose commit the branch of the checkout need not have on the remote.
    outside: the code may come from someone who may not push.
    read:    not where each step is to be built again.
    """
    if options.cache == "none":
        return BuildCache()
    place = repository
    if options.cache == "ecr":
        place = options.cache_repository or default_repository(repository)
        if place != f"{repository}{_SUFFIX}":  # images of other repositories may have their caches there, too
            variant = f"{repository}\0{variant}"
    own = "" if source.pull_request or queued else source.branch
    main = source.default_branch
    if outside:
        read_branches: tuple[str, ...] = (main,)
    elif source.pull_request:
        read_branches = (head_branch, target_branch, main)
    else:
        read_branches = (own, main)
    reads = [cache_name(branch, variant) for branch in read_branches if branch]
    writes = ""
    if not outside and not source.dirty and not tagged:
        if source.pull_request:
            number = source.pull_request
            writes = cache_name("", f"pull request {number}\0{variant}", f"pr-{number}")
            reads.insert(0, writes)
        elif own:
            writes = cache_name(own, variant)
    return BuildCache(
        options.cache,
        place,
        tuple(dict.fromkeys(reads)) if read else (),
        writes,
    )


def default_repository(name: str) -> str:
    """The repository of the caches for images of the repository of this name."""
    return f"{name[: _MOST_BYTES_OF_NAME - len(_SUFFIX)].rstrip('/._-')}{_SUFFIX}"


def cache_name(branch: str, variant: str = "", shown: str = "") -> str:
    """The name of a cache: a tag that no other branch and variant have.

    shown: what it is shown as, by default the branch.
    """
    plain = f"{_PLAIN}{branch}"
    if not variant and _is_tag(plain):
        return plain
    digits = hashlib.sha256(f"{branch}\0{variant}".encode("utf-8", "surrogatepass")).hexdigest()
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", shown or branch)
    room = _LONGEST_TAG - len(_HASHED) - _HASH_DIGITS - 1
    return f"{_HASHED}{readable[:room]}-{digits[:_HASH_DIGITS]}"


def _is_tag(text: str) -> bool:
    try:
        return bool(Tag(text))
    except ValueError:
        return False
