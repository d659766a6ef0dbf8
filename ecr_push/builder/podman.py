"""Builds with podman or buildah, for machines without docker, and pushes what they have built.

An image without a name stays in their store, as with an engine: the next build takes its steps from it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from ecr_push.base import background, process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import BuildError, RegistryError, SettingsError
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.destination import Kept
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.platforms import normal
from ecr_push.builder.podman_command import (
    Flags,
    arguments,
    build_command,
    by_hand,
    flags_in,
    push_command,
)
from ecr_push.builder.podman_output import SHOWN_LINES, BuildLines, error_in, failure
from ecr_push.builder.push_failure import push_failure
from ecr_push.registry.interface import Login


@dataclass(frozen=True)
class Program:
    """podman or buildah, as it is on this machine."""

    tool: str
    version: str
    has: Flags

    def __str__(self) -> str:
        return f"{self.tool} {self.version}"


def find_program(tool: str, environ: Mapping[str, str]) -> Program:
    """Asks the program what it is. Raises BuildError where it does not work."""

    def ask(*words: str) -> Callable[[], process.Completed]:
        return lambda: process.run((tool, *words), environ=environ)

    commands = (("--version",), ("build", "--help"), ("push", "--help"), ("manifest", "push", "--help"))
    asked = [background.start(ask(*words), " ".join((tool, *words))) for words in commands]
    said, build, push, push_list = (one.result() for one in asked)
    if not said.ok:
        raise BuildError(
            f"{tool} does not work on this machine",
            why="\n".join(said.output[-SHOWN_LINES:]),
            remedy=f"`{tool} info` shows the cause",
        )
    version = next(iter(" ".join(said.output[-1:]).split()[2:]), "")
    return Program(tool, version, Flags(*(flags_in(one.output) for one in (build, push, push_list))))


class PodmanBuilder:
    """See `Builder`. environ makes its programs read the run's own authentication file."""

    def __init__(
        self,
        program: Program,
        plan: BuildPlan,
        environ: Mapping[str, str],
        narrator: Narrator,
        folders: PrivateFolders,
        at_end: ExitStack | None = None,
    ) -> None:
        """plan: one that the program can build. at_end: closed when nothing more will be pushed; without it,
        nothing is."""
        self._at_end = at_end
        self._tool = program.tool
        self._version = program.version
        self._has = program.has
        self._plan = plan
        self._environ = environ
        self._narrator = narrator
        self._folders = folders

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        name = repository.tagged(candidate)
        builder = f"{self._tool} {self._version}"
        if plan.image:
            self._narrator.say(f"using the image {plan.image} of {self._tool}")
            return BuiltImage(name, builder, local=find_image(self._tool, plan.image, self._environ))
        list_name = f"localhost/ecr-push:{candidate.name}"
        if self._at_end and plan.platforms[1:]:  # not before: a push may be repeated
            self._at_end.callback(self._forget_list, list_name)
        image, steps = self._build(plan, list_name, permission.stop)
        return BuiltImage(name, builder, local=image, steps=steps)

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        with self._folders.made() as folder:
            file = folder / "digest"
            argv = push_command(
                self._tool, built.local, repository, candidate, self._plan, file, self._environ
            )
            done = process.run(argv, environ=self._environ, on_line=self._narrator.detail)
            if not done.ok:
                raise push_failure(error_in(done.output))
            try:
                return Digest(file.read_text().strip())
            except (FileNotFoundError, ValueError):
                # `buildah manifest push` says no more where a registry refuses; podman was ended.
                raise RegistryError(
                    f"{self._tool} did not push the candidate, and does not say why",
                    why="\n".join(
                        ("its exit code is 0, and it names no digest", *done.output[-SHOWN_LINES:])
                    ),
                    remedy=f"`{self._tool} --log-level debug push` shows the registry's answers"
                    + ("; podman reports them" if self._tool == "buildah" else ""),
                ) from None

    def keep(self, plan: BuildPlan, kept: Kept) -> BuiltImage:
        builder = f"{self._tool} {self._version}"
        if plan.image:
            return BuiltImage(plan.image, builder, local=find_image(self._tool, plan.image, self._environ))
        if kept.paths:
            raise SettingsError(
                ["its forms are BuildKit's"],
                what=f"with {self._tool} there is no --export",
                remedy=f"give --load, and write the image with `{self._tool} push IMAGE oci-archive:FILE`",
            )
        list_name = f"localhost/ecr-push:check-{secrets.token_hex(8)}"
        try:
            image, steps = self._build(plan, list_name, process.Stop())
            if kept.in_engine and kept.names:
                named = process.run((self._tool, "tag", image, *kept.names), environ=self._environ)
                if not named.ok:
                    raise BuildError(f"{self._tool} cannot name the image", why=error_in(named.output))
        finally:
            if plan.platforms[1:] and (kept.names or not kept.in_engine):
                self._forget_list(list_name)
        return BuiltImage(next(iter(kept.names), ""), builder, steps=steps, local=image)

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        raise SettingsError(
            ["the checks are BuildKit's"],
            what=f"with {self._tool} there is no --call check",
            remedy="run it where buildx is",
        )

    def _build(self, plan: BuildPlan, list_name: str, stop: process.Stop) -> tuple[str, tuple[int, int]]:
        """Returns the id of the image, or the name of the list of several platforms."""
        plan = plan.by_contexts if "--build-context" in self._has.build else plan.by_pull
        many = bool(plan.platforms[1:])
        lines = BuildLines(self._narrator)
        with self._folders.made() as folder:
            given = arguments(plan, self._has, self._environ)
            files = {"list": Path(list_name)} if many else {"image": folder / "image"}
            if given.lines:
                files["arguments"] = Path("/dev/stdin")
            if ignore := _ignore_file(plan):
                files["ignore"] = ignore
            argv = build_command(self._tool, plan, self._environ, files, tuple(given.variables))
            shown = by_hand(self._tool, plan, self._environ, [name for name, _ in plan.args])
            self._narrator.command(process.echo(shown, harmless=shown))
            if many:  # of an earlier try
                self._forget_list(list_name)
            done = process.run(
                argv,
                environ={**self._environ, **given.variables},
                stdin="".join(f"{line}\n" for line in given.lines),
                on_line=lines.read,
                stop=stop,
            )
            made = folder / "image"
            # Ended by SIGTERM, podman says that all is well.
            if not done.ok or not (many or made.exists()):
                raise failure(self._tool, done, plan)
            image = list_name if many else made.read_text().strip().removeprefix("sha256:")
            return image, (lines.steps, lines.cached)

    def _forget_list(self, name: str) -> None:
        """Removes a list of images, or one of its names; they stay. podman 4.3 lists none beside it."""
        process.run((self._tool, "manifest", "rm", name), environ=self._environ)


def find_image(tool: str, image: str, environ: Mapping[str, str]) -> str:
    """The id of an image in its store. Raises BuildError where there is none of this name."""
    words = ("image", "inspect", "--format={{.Id}}")
    if tool == "buildah":
        words = ("inspect", "--type=image", "--format={{.FromImageID}}")
    asked = process.run((tool, *words, image), environ=environ)
    if not asked.ok or not asked.output:
        remedy = f"`{tool} images` lists them"
        raise BuildError(f"there is no image {image} in the store of {tool}", remedy=remedy)
    return asked.output[-1].strip()


def own_platform(tool: str, environ: Mapping[str, str]) -> str:
    """The platform that it builds for unless asked; "" where it does not say it."""
    if tool == "podman":
        asked = process.run((tool, "info", "--format={{.Version.OsArch}}"), environ=environ)
        return normal(asked.output[-1].strip()) if asked.ok and asked.output else ""
    for line in process.run((tool, "version"), environ=environ).output:
        key, _, value = line.partition(":")
        if key == "BuildPlatform":
            return normal(value.strip())
    return ""


def _ignore_file(plan: BuildPlan) -> Path | None:
    """The one that docker takes: older versions of podman do not know the first, and all prefer their own."""
    both = (Path(f"{plan.dockerfile}.dockerignore"), plan.context / ".dockerignore")
    return next((one for one in both if one.is_file()), None)
