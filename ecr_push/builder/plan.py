"""The plan of a build, decided before it starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.buildkit_inputs import BuildKitInputs, inputs_of
from ecr_push.builder.buildkit_values import IMAGE, context_of, pinned_image, without_digest
from ecr_push.builder.cache import BuildCache
from ecr_push.builder.compression import Compression, compression_of
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.platforms import normal
from ecr_push.source.model import Source


@dataclass(frozen=True)
class Base:
    """An image that a Dockerfile names without a digest, and the digest by which it is built from it.

    name: as the Dockerfile has it. image: the same with its registry and its tag.
    """

    name: str
    image: str
    digest: Digest

    @property
    def pinned(self) -> str:
        return f"{self.image.rpartition(':')[0]}@{self.digest}"


@dataclass(frozen=True)
class BuildPlan:
    """What to build. Paths are as the user gave them. image is one that the engine already has.

    remote: the address of the repository that docker builds; dockerfile is a path in it then, and context the
        checkout that names the image.
    parts: images that other builders pushed, to be joined: named as the user gave them.
    bases: those of the Dockerfile that are followed; a builder looks for the others itself.
    cache: what is read and written besides the caches of inputs, and never fails a build.
    args may hold secrets: they are passed in the environment, and never shown.
    """

    context: Path
    dockerfile: Path
    args: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    target: str = ""
    platforms: tuple[str, ...] = ()
    builder: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    inputs: BuildKitInputs = field(default_factory=BuildKitInputs)
    cache: BuildCache = BuildCache()
    compression: Compression = field(default_factory=Compression)
    attestations: Attestations = field(default_factory=Attestations)
    remote: str = ""
    bases: tuple[Base, ...] = ()

    @property
    def is_built_elsewhere(self) -> bool:
        return bool(self.image or self.parts)

    @property
    def recorded_bases(self) -> Mapping[str, Digest]:
        """The images by whose digests it is built, by name: bases, build contexts and build arguments."""
        contexts = (of for _, of in map(context_of, self.inputs.build_contexts))
        given = (*contexts, *(value for _, value in self.args))
        pinned = {name: Digest(digest) for name, digest in filter(None, map(pinned_image, given))}
        return {**pinned, **{one.image: one.digest for one in self.bases}}

    @property
    def by_contexts(self) -> BuildPlan:
        """The same, with its bases as build contexts, which BuildKit and buildah take for what FROM names.

        https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
        """
        if not self.bases:
            return self
        added = tuple(f"{one.name}={IMAGE}{one.pinned}" for one in self.bases)
        inputs = replace(self.inputs, build_contexts=(*self.inputs.build_contexts, *added))
        return replace(self, inputs=inputs, bases=())

    @property
    def by_pull(self) -> BuildPlan:
        """The same for a builder without build contexts: it looks for the newest bases itself."""
        return replace(self, inputs=replace(self.inputs, pull=True), bases=()) if self.bases else self


def plan_build(
    options: BuildOptions,
    context: Path,
    labels: Mapping[str, str] | None = None,
    annotations: tuple[str, ...] = (),
    remote: str = "",
) -> BuildPlan:
    """What the options mean for a build of context, or of a repository with the address remote."""
    return BuildPlan(
        context,
        dockerfile_of(options, Path() if remote else context),
        build_args(options),
        options.target,
        options.platforms,
        options.builder,
        options.image,
        labels or {},
        annotations,
        options.parts,
        inputs_of(options),
        compression=compression_of(options.compression),
        remote=remote,
    )


def dockerfile_of(options: BuildOptions, context: Path) -> Path:
    """The path of the Dockerfile, which need not exist."""
    return Path(options.dockerfile) if options.dockerfile else context / "Dockerfile"


def build_args(options: BuildOptions) -> tuple[tuple[str, str], ...]:
    """Name and value of each build argument."""
    return tuple((name, value) for name, _, value in (arg.partition("=") for arg in options.build_args))


def fingerprint(plan: BuildPlan, source: Source) -> str:
    """A short hash of what decides on the image's content besides the commit. The same on every machine.

    The platform of a build that names none is the builder's own, which only the image shows. Which images it
    is built from by their digests is not in it: see `recorded_bases`.
    """
    inputs: dict[str, object] = {
        "context": plan.remote or _in_checkout(plan.context, source.root),
        "dockerfile": plan.dockerfile.as_posix()
        if plan.remote
        else _in_checkout(plan.dockerfile, source.root),
        "args": sorted((name, without_digest(value)) for name, value in plan.args),
        "target": plan.target,
        "platforms": sorted({normal(one) for one in plan.platforms}),
        "image": plan.image,
    }
    inputs.update(plan.inputs.of_content())
    if compression := plan.compression.of_content():
        inputs["compression"] = compression
    if attested := plan.attestations.of_content():
        inputs["attestations"] = attested
    if plan.parts:  # an index, which no build is the same as
        inputs["parts"] = True
    if source.is_merge:  # the same commit, merged with another state of the target branch
        inputs["merge"] = source.built_from
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def _in_checkout(path: Path, root: Path) -> str:
    """path relative to the checkout's root, so that another machine finds the same."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else path.as_posix()
