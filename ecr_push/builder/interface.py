"""BuildPlan -> BuiltImage -> Digest: the nouns, the interfaces of builders, the checks before a build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import BuildError
from ecr_push.base.fences import Fences, RefusedPathError, refusal
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
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
    """

    candidate: str
    builder: str
    digest: str = ""
    media_type: str = ""
    checks: tuple[BuildCheck, ...] = ()
    steps: tuple[int, int] = (0, 0)


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

    def check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        """Builds without keeping the result, or writing a cache. Raises BuildError.

        Returns what docker found in the Dockerfile.
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

    def choose(self, plan: BuildPlan) -> Builder:
        """Returns the builder for this plan. Raises BuildError if there is none."""
        ...


DOCKERFILE_BYTES = 4 * 1024 * 1024  # and of a .dockerignore


# Starts to look for them, with the environment for docker.
FindBuilders = Callable[[Mapping[str, str]], Builders]


def check_inputs(plan: BuildPlan, absent_checkout: str = "") -> None:
    """Raises BuildError if the build context or the Dockerfile is missing, or one of them or a .dockerignore
    is a link out of the checkout. Calls neither AWS nor the engine.

    absent_checkout: the remedy where `.git` is missing too, so that there is no checkout at all.
    """
    if plan.is_built_elsewhere or plan.remote:
        return
    fences = Fences.of(plan.context)
    if error := refusal(plan.context, fences):
        raise _unread(error) from error
    if not plan.context.is_dir():
        raise BuildError(
            f"there is no directory {plan.context}", remedy="name the build context: ecr-push run DIR"
        )
    if _is_file(plan.dockerfile, fences):
        for ignored in (Path(f"{plan.dockerfile}.dockerignore"), plan.context / ".dockerignore"):
            _is_file(ignored, fences)
        return
    is_default = plan.dockerfile == plan.context / "Dockerfile"
    missing = (
        f"there is no Dockerfile in {plan.context.absolute()}"
        if is_default
        else f"--dockerfile {plan.dockerfile}: no such file"
    )
    if absent_checkout:
        raise BuildError(
            missing,
            why="there is no .git either: the repository was not checked out here",
            remedy=absent_checkout,
        )
    base = "" if is_default else "relative paths start at the working directory; "
    found = _other_dockerfile(plan)
    raise BuildError(
        missing,
        why=f"found: {found}" if found else "",
        remedy=base + (f"use --dockerfile {found}" if found else "name it with --dockerfile, or add one"),
    )


def dockerfile_text(options: BuildOptions, context: Path, remote: str = "") -> str:
    """What is in the Dockerfile; "" where it is not used, or cannot be read, which `check_inputs` reports.

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


def args_without_effect(text: str, plan: BuildPlan) -> tuple[str, ...]:
    """See `unused_args`: of the Dockerfile of this text."""
    return () if plan.is_built_elsewhere or plan.remote else unused_args(text, dict(plan.args))


def _is_file(path: Path, fences: Fences) -> bool:
    """Whether the file is there. Raises BuildError for one that cannot be read, or must not be.

    BuildKit follows links of folders, and into `.git`, and shows the lines of what is not a Dockerfile.
    """
    try:
        read_bytes(path, DOCKERFILE_BYTES, fences)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    except OSError as error:
        raise _unread(error) from error
    return True


def _unread(error: OSError) -> BuildError:
    return BuildError(
        f"cannot read {error.filename}",
        why=error.strerror or str(error),
        remedy=error.remedy if isinstance(error, RefusedPathError) else "",
    )


def _other_dockerfile(plan: BuildPlan) -> Path | None:
    """The file of the same name in the context, else another Dockerfile in it or one level below."""
    context = plan.context
    files = (
        context / plan.dockerfile,
        *sorted(context.glob("Dockerfile*")),
        *sorted(context.glob("*/Dockerfile")),
    )
    return next((file for file in files if file.is_file() and file.suffix != ".dockerignore"), None)
