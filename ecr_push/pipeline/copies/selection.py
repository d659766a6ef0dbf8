"""Which images of a source are meant: a tag, a digest, or all tags that match patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError, EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.source_name import DOCKER_HUB, SourceName
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.wildcard import matches
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.copy.source import Source
from ecr_push.registry.interface import Reader
from ecr_push.registry.options import RegistryOptions
from ecr_push.registry.target import RepositoryTarget, find_target
from ecr_push.tags.temporary import is_temporary

# What cosign attaches to an image where it does not use the referrers API, and the specification's own tag.
# https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
_ATTACHED = "sha256-"
ATTACHED_ENDINGS = (".sig", ".att", ".sbom")


@dataclass(frozen=True)
class Selected:
    """tags: what each tag is to point to, at the destination. digests: the images, with and without tags."""

    digests: tuple[Digest, ...]
    tags: Mapping[Tag, Digest]


@dataclass(frozen=True)
class Opened:
    """A source. own: the same, where it can be asked what ECR alone knows; None for another registry."""

    source: Source
    own: Reader | None = None


def open_source(name: SourceName, options: RegistryOptions, tools: Tools, *, hurried: bool = False) -> Opened:
    """The repository that a name means: one of ECR's over its API, any other over the distribution API.

    A public one is not ECR's here, for the API shows a registry to its own account alone. A host on this
    machine is ECR's if it is where the AWS configuration leads. hurried: see `OpenSource`.
    """
    registry = name.registry
    if registry is None or registry.kind == "private":
        own = tools.open_repository(find_target(name.repository, options.region, options.registry_id))
        return Opened(own, own)
    repository = Repository(registry, name.name)
    if registry.kind == "local":
        own = tools.open_repository(find_target(name.repository, options.region, options.registry_id))
        try:
            if own.locate().registry.host == registry.host:
                return Opened(own, own)
        except EcrPushError:
            pass  # no AWS is configured: it is another registry
    return Opened(tools.open_other(repository, hurried=hurried))


def own_target(name: SourceName, options: RegistryOptions) -> RepositoryTarget:
    """What the keys of a destination that are left out stand for: the source, where it is in ECR, else the
    repository of its name in the registry that --region and --registry-id name."""
    if name.registry and name.registry.kind == "private":
        return find_target(name.repository, options.region, options.registry_id)
    return RepositoryTarget(name.name, region=options.region, registry_id=options.registry_id)


def select(job: CopyJob, source: Source) -> Selected:
    """The images that a job means. Raises RegistryError where there is none."""
    try:
        return _select(job, source)
    except AwsRefusedError as refused:
        if refused.code != "RepositoryNotFoundException":
            raise
        raise RegistryError(
            f"there is no repository {job.source.repository}", remedy=_remedy(job.source)
        ) from refused


def _select(job: CopyJob, source: Source) -> Selected:
    name = job.source
    if name.digest or name.tag:
        digest = name.digest or _look_up(name, source)
        own = (name.tag,) if name.tag else ()
        return Selected((digest,), dict.fromkeys(job.named or own, digest))
    chosen = _matching(job, source)
    found = source.digests(chosen)
    if lacking := [str(tag) for tag in chosen if tag not in found]:
        raise RegistryError(
            f"{name.repository} has no tag {', '.join(lacking)}",
            remedy="check the tags; archived images have to be restored first",
        )
    return Selected(tuple(dict.fromkeys(found.values())), found)


def _matching(job: CopyJob, source: Source) -> list[Tag]:
    """Names are taken as they are, and only patterns need the list of all tags.

    A pattern never means candidates, nor what is attached to images: that comes with them.
    """
    names = [one for one in job.tags if "*" not in one]
    patterns = [one for one in job.tags if "*" in one]
    if not patterns:
        return [Tag(one) for one in dict.fromkeys(names)]
    listed = [one for one in source.tag_names() if not is_temporary(one) and not one.startswith(_ATTACHED)]
    found = {one for one in listed if any(matches(one, pattern) for pattern in patterns)}
    for pattern in patterns:
        if not any(matches(one, pattern) for one in listed):
            raise RegistryError(
                f"{job.source.repository} has no tag that matches {pattern!r}",
                why=f"it has {len(listed)} tags that can be copied",
                remedy=f"check the pattern{did_you_mean(pattern.strip('*'), listed)}",
            )
    return [Tag(one) for one in sorted({*found, *names})]


def _look_up(name: SourceName, source: Source) -> Digest:
    assert name.tag  # noqa: S101 - the caller has looked
    found = source.digests([name.tag]).get(name.tag)
    if found:
        return found
    raise RegistryError(f"there is no image {name}", remedy=_remedy(name))


def _remedy(name: SourceName) -> str:
    """Names without a host are Docker Hub's to docker, and ECR's here."""
    if name.registry:
        return "check the name and the tag"
    hub = f"{DOCKER_HUB}/{'' if '/' in name.name else 'library/'}{name}"
    return f"check the name, the tag, --region and --registry-id; Docker Hub's is {hub}"


def check_is_accepted(name: SourceName, selected: Selected, own: Reader | None) -> None:
    """Raises ConflictError for an image that no tag of its own says was accepted: a copy would release it.

    own: reads a source in ECR; elsewhere tags say nothing of a verdict.
    """
    wanted = [tag for tag in selected.tags if not is_temporary(tag.name)]
    if name.tag and is_temporary(name.tag.name) and wanted:
        names: Sequence[str] = [name.tag.name]
    elif name.digest and wanted and own:
        names = [tag.name for tag in own.tags_of(name.digest)]
    else:
        return
    if not names:
        raise ConflictError(
            f"{name} is not known to be accepted",
            why="it has no tag, as a refused image whose candidate tag is gone",
            remedy="judge it where it goes: --judge; or copy the tagged index that it belongs to: --platform",
        )
    if all(map(is_temporary, names)):
        raise ConflictError(
            f"{name} is a candidate, which no policy has accepted yet",
            why=f"its only tags are {', '.join(sorted(names))}",
            remedy="promote it (ecr-push promote), or judge it where it goes: --judge",
        )
