"""The images that several builders pushed for one commit, joined to the index that is the candidate.

Each was built where its platform is native, and pushed by `ecr-push build`. What they are is read from the
registry: nothing but their names is handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ecr_push.base import background
from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest, ImageName, Registry, Repository
from ecr_push.builder.plan import fingerprint
from ecr_push.builder.platforms import normal
from ecr_push.pipeline.plan import Plan, as_joined
from ecr_push.registry.image import describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.registry.joined_index import Part, join
from ecr_push.registry.oci import Manifest
from ecr_push.tags.labels import COMMIT_LABEL, INPUTS_LABEL, VERSION_LABEL

_LONGEST_FILE = 64 * 1024  # bytes; an image's name has some two hundred


@dataclass(frozen=True)
class _Image:
    """An image for one platform, and the part that it came with."""

    part: str
    platform: str
    labels: Mapping[str, str]


def join_parts(plan: Plan, repository: Repository, client: Reader) -> Manifest:
    """The index of the plan's parts, which is not pushed yet. The same parts make the same one.

    Raises SettingsError with everything that is wrong with them; RegistryError for one that is not there.
    """
    digests = _named(plan, repository)
    reads = [background.start(partial(_read, one, repository, client), "read part") for one in digests]
    read = [one.result() for one in reads]
    if problems := list(_problems(plan, [image for _, images in read for image in images])):
        raise SettingsError(
            [f"--part: {problem}" for problem in problems],
            remedy="build what is missing or wrong with `ecr-push build`, and name each image once",
        )
    return join((part for part, _ in read), plan.build.annotations)


def _named(plan: Plan, repository: Repository) -> list[Digest]:
    """The digests of the parts, each once. Raises SettingsError for what names none in this repository."""
    found: dict[Digest, str] = {}
    problems = []
    for given in plan.build.parts:
        try:
            names = [given] if "@sha256:" in given else _lines(Path(given), Fences.of(plan.build.context))
            found |= {_digest(name, repository): name for name in names}
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            problems.append(f"--part {given}: {why}")
    if problems:
        raise SettingsError(problems, remedy="give what `ecr-push build` printed, or a file that holds it")
    return list(found)


def _lines(file: Path, fences: Fences) -> list[str]:
    text = read_bytes(file, _LONGEST_FILE, fences).decode("utf-8", "replace")
    if not (lines := text.split()):
        raise ValueError("the file is empty: the build that should have written it did not end well")
    return lines


def _digest(name: str, repository: Repository) -> Digest:
    image = ImageName.parse(name)
    if image.digest is None:
        raise ValueError(f"{name!r} names a tag, which can move; expected NAME@sha256:…")
    if image.name != repository.name or (image.host and not _is_same(image.host, repository.registry)):
        raise ValueError(f"{name} is in another repository than {repository}")
    return image.digest


def _is_same(host: str, registry: Registry) -> bool:
    other = Registry.parse(host)
    if registry.kind == "local":
        return other == registry
    return (other.kind, other.account, other.region) == (registry.kind, registry.account, registry.region)


def _read(digest: Digest, repository: Repository, client: Reader) -> tuple[Part, list[_Image]]:
    """A part, and the images in it, each with the platform that its configuration says."""
    manifest = client.manifest(digest)
    images = []
    for one in describe_pushed(repository, manifest, client.manifest).images:
        image = client.manifest(one.digest)
        platform = one.platform or next(iter(client.platforms(image)), "")
        images.append(_Image(digest.short, normal(platform) if platform else "", client.labels(image)))
    if not images:
        images = [_Image(digest.short, "", {})]
    return Part(manifest, images[0].platform), images


def _problems(plan: Plan, images: Sequence[_Image]) -> Iterator[str]:
    """Everything that is wrong with these images as the parts of one."""
    parts: dict[str, list[str]] = {}
    for image in images:
        if not image.platform:
            yield f"{image.part} is not an image for a platform"
            continue
        parts.setdefault(image.platform, []).append(image.part)
        if why := _difference(plan, image):
            yield f"{image.part} ({image.platform}) {why}"
    for platform, several in parts.items():
        if len(several) > 1:
            yield f"{' and '.join(several)} are both for {platform}"
    wanted = set(map(normal, plan.build.platforms))
    if missing := wanted - parts.keys():
        yield f"no part is for {', '.join(sorted(missing))}, which --platform names"
    if wanted and (surplus := parts.keys() - wanted):
        yield f"a part is for {', '.join(sorted(surplus))}, which --platform does not name"
    if len(parts) == 1 and not wanted:
        yield f"there is one part alone, for {next(iter(parts))}: a part may be missing"


def _difference(plan: Plan, image: _Image) -> str:
    """Why an image is not a part of the plan's, "" where it is."""
    labels, source = image.labels, plan.source
    commit = labels.get(COMMIT_LABEL, "")
    if commit != source.commit:
        built = f"was built from commit {commit[:12]}" if commit else "has no label that names its commit"
        return f"{built}, and this is {source.short}"
    asked = ((), (image.platform,), plan.build.platforms)
    build = as_joined(plan.build)
    inputs = {fingerprint(replace(build, platforms=platforms), source) for platforms in asked}
    if labels.get(INPUTS_LABEL) not in inputs:
        return (
            "was built from this commit, but with another Dockerfile, target, build arguments, contexts, "
            "hosts or network"
        )
    version, ours = labels.get(VERSION_LABEL, ""), plan.build.labels.get(VERSION_LABEL, "")
    if version != ours:
        return f"was built as version {version or '(none)'}, and this is {ours or '(none)'}"
    return ""
