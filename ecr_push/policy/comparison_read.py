"""Reads the baseline and the base image from the registry. What cannot be read makes the gate stricter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError, ScanError
from ecr_push.base.reference import Digest, ImageName, Registry, Repository, Tag
from ecr_push.base.suggest import did_you_mean
from ecr_push.policy.comparison import (
    BaseImage,
    BaseLayers,
    Baseline,
    Known,
    inherited_findings,
    known_findings,
)
from ecr_push.policy.finding_pattern import matches_glob
from ecr_push.policy.model import Policy
from ecr_push.registry.image import PlatformImage, PushedImage, describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.registry.target import RepositoryTarget
from ecr_push.scan.answers import read_answer
from ecr_push.scan.findings import Finding
from ecr_push.tags.temporary import is_temporary


@dataclass(frozen=True)
class Comparisons:
    """The baseline and the base image while they are being read; None if the policy uses none."""

    baseline: Future[Baseline] | None = None
    base: Future[BaseImage] | None = None

    def results(self) -> tuple[Baseline | None, BaseImage | None]:
        return (
            self.baseline.result() if self.baseline else None,
            self.base.result() if self.base else None,
        )


def begin_comparing(
    policy: Policy,
    pushed: PushedImage,
    client: Reader,
    open_repository: Callable[[RepositoryTarget], Reader],
    before: Callable[[Tag], Digest] | None = None,
) -> Comparisons:
    """Starts to read both in the background. Never raises: problems become warnings of the results.

    before: see `read_baseline`.
    """
    wanted_base = policy.base_image if policy.layers != "all" else ""
    return Comparisons(
        background.start(lambda: read_baseline(policy.baseline, pushed, client, before), "read baseline")
        if policy.baseline
        else None,
        background.start(
            lambda: read_base(wanted_base, pushed, client, open_repository, policy.base_images),
            "read base image",
        )
        if wanted_base
        else None,
    )


def read_baseline(
    wanted: str,
    pushed: PushedImage,
    client: Reader,
    before: Callable[[Tag], Digest] | None = None,
) -> Baseline:
    """Reads the findings of the image that wanted, a tag or a digest, names.

    before: returns the image that a tag pointed to before this one. A run that repeats an earlier one, which
            has already moved the tag, then reaches the same verdict. Raises UndecidedError if the history
            does not show it.
    """
    try:
        digest = _look_up(wanted, client)
        if digest is None:
            return _absent(wanted, client)
        name = digest.short if wanted.startswith("sha256:") else f"{wanted} ({digest.short})"
        if digest == pushed.digest and before and not wanted.startswith("sha256:"):
            digest = before(Tag(wanted))
            name = f"{wanted} before this image ({digest.short})"
        if digest == pushed.digest:
            return Baseline(
                name, warnings=(f"baseline: {wanted} is this image itself, so every finding counts as new",)
            )
        if _is_candidate(wanted, digest, client):
            return Baseline(name, warnings=(_candidate(name),))
        released = describe_pushed(pushed.repository, client.manifest(digest), client.manifest)
    except EcrPushError as error:
        return Baseline(wanted, warnings=(_unread("baseline", wanted, error),))
    known: dict[str, Known] = {}
    listed: dict[Finding, None] = {}
    warnings = []
    for image in released.images:
        try:
            scan = read_answer(client.scans.answer(image.digest), image.digest, image.platform)
            if scan.unscannable:
                raise ScanError(
                    f"{image.platform or image.digest.short} cannot be scanned", why=scan.unscannable
                )
            known[image.platform] = known_findings(scan.findings)
            listed.update(dict.fromkeys(scan.findings))
        except EcrPushError as error:
            warnings.append(_unread("baseline", name, error))
    return Baseline(name, known, tuple(warnings), tuple(listed))


def foresee_baseline(wanted: str, client: Reader | None) -> str:
    """What `read_baseline` will warn of, as far as it is known before there is an image; "" for nothing.

    client: None where the repository is yet to be created.
    """
    if not wanted:
        return ""
    if client is None:
        return _no_image(wanted)
    try:
        digest = _look_up(wanted, client)
        if digest is None:
            return _absent(wanted, client).warnings[0]
        if _is_candidate(wanted, digest, client):
            return _candidate(wanted)
        client.manifest(digest)
    except EcrPushError as error:
        return _unread("baseline", wanted, error)
    return ""


def _look_up(wanted: str, client: Reader) -> Digest | None:
    """The image that wanted, a tag or a digest, names. None for a tag that no image has."""
    return Digest(wanted) if wanted.startswith("sha256:") else client.digests([Tag(wanted)]).get(Tag(wanted))


def _candidate(name: str) -> str:
    why = "is a candidate that was refused or never evaluated: every finding counts as new"
    return f"baseline: {name} {why}"


def _absent(wanted: str, client: Reader) -> Baseline:
    """The baseline of a tag that does not exist: normal before the first release, and else a mistake."""
    try:
        hint = did_you_mean(wanted, [name for name in client.tag_names() if not is_temporary(name)])
    except EcrPushError:  # a run needs no permission to list tags for this
        hint = ""
    return Baseline(
        f"{wanted} (no such image yet)",
        warnings=(f"{_no_image(wanted)}{hint}",),
    )


def _no_image(wanted: str) -> str:
    what = "digest" if wanted.startswith("sha256:") else "tag"
    return f"baseline: no image has the {what} {wanted}, so every finding counts as new"


def _is_candidate(wanted: str, digest: Digest, client: Reader) -> bool:
    """Whether an image has only candidates' tags and claims. A baseline named by a release tag is none."""
    if not wanted.startswith("sha256:") and not is_temporary(wanted):
        return False
    tags = client.tags_of(digest)
    return bool(tags) and all(is_temporary(tag.name) for tag in tags)


def read_base(
    wanted: str,
    pushed: PushedImage,
    client: Reader,
    open_repository: Callable[[RepositoryTarget], Reader],
    allowed: Sequence[str] = (),
) -> BaseImage:
    """Reads the layers and findings of a base image, for each platform that is built on it.

    An image is built on the base image if its first layers are those of the base image.
    allowed: globs of repositories; base images in others are ignored, with a warning. Empty allows any.
    """
    name = ImageName.parse(wanted)
    refused = _not_a_base(name, pushed, allowed)
    if refused:
        return BaseImage(wanted, warnings=(f"base image: {wanted} {refused}",))
    platforms: dict[str, BaseLayers] = {}
    warnings = []
    try:
        base_client = open_repository(base_target(name, pushed.repository))
        if name.digest is None:
            raise RegistryError(f"{wanted} names no digest")
        base = describe_pushed(pushed.repository, base_client.manifest(name.digest), base_client.manifest)
        layers = {one: base_client.manifest(one.digest).layers for one in base.images}
        for image in pushed.images:
            own = client.manifest(image.digest).layers
            found = next(
                (one for one in base.images if layers[one] and own[: len(layers[one])] == layers[one]), None
            )
            if found is None:
                what = image.platform or "the image"
                warnings.append(f"base image: {what} is not built on {wanted}: its first layers differ")
                continue
            platforms[image.platform] = BaseLayers(
                frozenset(layers[found]), inherited_findings(_findings(found, base_client))
            )
    except EcrPushError as error:
        warnings.append(_unread("base image", wanted, error))
    return BaseImage(f"{name.name}@{name.digest.short if name.digest else ''}", platforms, tuple(warnings))


def _not_a_base(name: ImageName, pushed: PushedImage, allowed: Sequence[str]) -> str:
    """Returns why an image cannot be used as the base image; "" if it can."""
    if name.digest in (pushed.digest, *(one.digest for one in pushed.images)):
        return "is this image itself, so it is ignored"
    spellings = [f"{name.host or pushed.repository.registry}/{name.name}"]
    spellings += [] if name.host else [name.name]
    if allowed and not any(matches_glob(glob, one) for glob in allowed for one in spellings):
        return f"does not match the policy's base-images ({', '.join(allowed)}), so it is ignored"
    return ""


def base_target(image: ImageName, home: Repository) -> RepositoryTarget:
    """Returns the base image's repository: in the image's own registry if its name has no host."""
    registry = Registry.parse(image.host) if image.host else home.registry
    return RepositoryTarget(
        image.name,
        public=registry.kind == "public",
        region=registry.region,
        registry_id=registry.account,
        host=registry.host if registry.kind == "private" else "",
    )


def _findings(image: PlatformImage, client: Reader) -> Sequence[Finding]:
    """Returns the findings of the base image's own scan; none without a scan, as layers may be enough."""
    try:
        return read_answer(client.scans.answer(image.digest), image.digest, image.platform).findings
    except EcrPushError:
        return ()


def _unread(what: str, name: str, error: EcrPushError) -> str:
    why = f" ({' '.join(error.why.split())})" if error.why else ""
    return f"{what}: could not read {name}, so it is not used: {error.what}{why}"
