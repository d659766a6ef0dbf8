"""BuildPlan -> BuiltImage -> Digest: the nouns, the interfaces of builders, what the Dockerfile says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.destination import Kept
from ecr_push.builder.dockerfile_args import unused_args
from ecr_push.builder.dockerfile_labels import dockerfile_labels
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan, build_args, dockerfile_of
from ecr_push.registry.interface import Login


@dataclass(frozen=True)
class BuiltImage:
    """The result of a build. digest is empty while the image is only in the engine.

    steps: of the Dockerfile, and how many of them came from a cache; none where the builder does not say it.
    checks: what docker found in the Dockerfile, which only buildx says.
    candidate is the name under which it was pushed, or will be pushed.
    local: its name in the builder's own store, where it has another one there.
    """

    candidate: str
    builder: str
    digest: str = ""
    media_type: str = ""
    checks: tuple[BuildCheck, ...] = ()
    steps: tuple[int, int] = (0, 0)
    local: str = ""


class Builder(Protocol):
    """One way to build."""

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        """Builds, and pushes if the builder can do both at once. Raises BuildError, or RegistryError.

        permission: the build is ended where it is withdrawn. What cannot be ended waits for it first.
        """
        ...

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        """Pushes the candidate if `build` has not. Raises BuildError, or RegistryError."""
        ...

    def keep(self, plan: BuildPlan, kept: Kept) -> BuiltImage:
        """Builds, keeps on this machine what kept says, and pushes nothing. Raises BuildError.

        The digest is empty where the builder does not say it.
        """
        ...

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        """What docker finds in the Dockerfile; nothing is built. Raises BuildError."""
        ...


class Builders(Protocol):
    """The builders of this machine."""

    def logged_in(
        self, host: str, login: Callable[[], Login], narrator: Narrator
    ) -> AbstractContextManager[Builders]:
        """The same builders with credentials for host, which tell narrator what they do.

        login waits until a push may start, or raises.
        """
        ...

    def docker_environ(self) -> dict[str, str]:
        """The environment of a docker command that uses these credentials."""
        ...

    def default_platform(self, plan: BuildPlan) -> Future[str]:
        """The platform, such as linux/amd64, for which the plan's builder builds unless asked.

        Asked for once, in the background. "" where nothing says it, as of a builder that was never started.
        """
        ...

    def started_platform(self, plan: BuildPlan) -> str:
        """The same of such a builder, which is started as the build would. Raises BuildError if it does not
        answer."""
        ...

    def check(self, plan: BuildPlan | None, *, runs_image: bool = False) -> None:
        """Raises SettingsError for all that the plan's builder does not take, before anything is built.

        plan: None where nothing is built. runs_image: something must run the image, too. Where nothing builds
        at all, `choose` says so. Raises BuildError where an image that is there already is not.
        """
        ...

    def described(self) -> str:
        """What is there to build with, and which versions: `Docker Engine 28.5.2, buildx 0.29.1`."""
        ...

    def planned(self, plan: BuildPlan) -> str:
        """What would build the plan, in words, or why nothing would. Raises SettingsError for an address that
        is none."""
        ...

    def container_program(self) -> str:
        """What runs an image here: docker, podman, or "" for nothing."""
        ...

    def choose(self, plan: BuildPlan) -> Builder:
        """Returns the builder for this plan. Raises BuildError if there is none, SettingsError for what it
        does not take."""
        ...


DOCKERFILE_BYTES = 4 * 1024 * 1024  # and of a .dockerignore


# Starts to look for them, with the environment for docker.
FindBuilders = Callable[[Mapping[str, str]], Builders]


def dockerfile_text(options: BuildOptions, context: Path, remote: str = "") -> str:
    """What is in the Dockerfile; "" where it is not used, or is not there, which `context_problems` says.

    remote: see BuildPlan; docker alone reads its Dockerfile.
    """
    if options.image or remote:
        return ""
    try:
        content = read_bytes(dockerfile_of(options, context), DOCKERFILE_BYTES, Fences.of(context))
    except OSError:
        return ""
    return content.decode("utf-8", "replace")


def labels_in_dockerfile(text: str, options: BuildOptions) -> frozenset[str]:
    """The keys of the labels that the Dockerfile of this text sets itself."""
    return dockerfile_labels(text, options.target, dict(build_args(options)))


def mounts_without_input(text: str, plan: BuildPlan) -> tuple[str, ...]:
    """See `mount_warnings`: of the Dockerfile of this text."""
    mounts = "--mount=" in text or plan.inputs.secrets
    if not mounts or plan.is_built_elsewhere or plan.remote or "BUILDKIT_SYNTAX" in dict(plan.args):
        return ()
    from ecr_push.builder.dockerfile_mounts import mount_warnings

    return mount_warnings(text, plan.target, plan.inputs)


def args_without_effect(text: str, plan: BuildPlan) -> tuple[str, ...]:
    """See `unused_args`: of the Dockerfile of this text."""
    return () if plan.is_built_elsewhere or plan.remote else unused_args(text, dict(plan.args))


def unwanted_in_image(text: str, plan: BuildPlan) -> str:
    """See `unwanted_files`: of the Dockerfile of this text."""
    if plan.is_built_elsewhere or plan.remote or not re.search(r"(?i)(?:COPY|ADD)\s.*\./?\s", text):
        return ""
    from ecr_push.builder.whole_context import unwanted_files

    return unwanted_files(text, plan.context, plan.dockerfile)
