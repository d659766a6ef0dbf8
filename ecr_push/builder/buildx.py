"""Builds and pushes in one step with buildx, or only builds.

A build without arguments is the `docker buildx build` that the log shows. Arguments go another way, because
each way into that command shows them to others or lets them change what docker does: see `bake.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.bake import definition
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.buildkit_address import address_of, is_address
from ecr_push.builder.buildx_command import Program, bake_command, build_command, by_hand
from ecr_push.builder.buildx_environ import buildx_environ
from ecr_push.builder.buildx_failure import build_failure, failure, last_error
from ecr_push.builder.buildx_metadata import metadata_of, of_build, of_call, pushed_of
from ecr_push.builder.buildx_output import RECENT, is_from, push_output, refuses_artifacts
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN
from ecr_push.builder.cache_log import CacheLog, less_of
from ecr_push.builder.destination import Kept, export_of
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.recap import without_recap
from ecr_push.builder.remote_buildkit import NAME, create_command, register
from ecr_push.registry.interface import Login

_EPOCH = "SOURCE_DATE_EPOCH"
_CALLS = (0, 15)  # since which there is --call: https://github.com/docker/buildx/releases/tag/v0.15.0


class BuildxBuilder:
    """See `Builder`. environ holds the run's own DOCKER_CONFIG."""

    def __init__(
        self,
        version: str,
        environ: Mapping[str, str],
        narrator: Narrator,
        folders: PrivateFolders,
        program: Program = DOCKERS_PLUGIN,
        builder: str = "",
    ) -> None:
        """builder: the name or address of the one to use, where it is not the plan's."""
        self._program = program
        self._builder = builder
        self._version = version
        self._environ = environ
        self._narrator = narrator
        self._folders = folders

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        name = repository.tagged(candidate)
        with self._folders.made() as folder:
            known, environ = self._with_known_builder(plan, folder)
            metadata = folder / "metadata.json"
            cache, attestations = plan.cache, plan.attestations
            while True:
                log = CacheLog()
                inputs = cache.added_to(known.inputs, repository.registry)
                used = replace(known, inputs=inputs, attestations=attestations)
                completed = self._push(used, environ, folder, name, permission.stop, log)
                if cache.is_used:
                    log.tell(self._narrator)
                why = "" if completed.ok else last_error(completed)
                if attestations.oci_artifact and refuses_artifacts(why):
                    self._narrator.warn(
                        "the registry takes no attestations as OCI artifacts: they are pushed as image "
                        f"manifests, which it does not list as referrers: {why}"
                    )
                    attestations = replace(attestations, oci_artifact=False)
                    continue
                less = cache if completed.ok else less_of(cache, why)
                if less == cache:
                    break
                self._narrator.warn(f"once more without the build cache: {why}")
                cache = less
            if not completed.ok:
                raise failure(completed, known, name, self._program, self._builder or plan.builder)
            return BuiltImage(name, f"buildx {self._version}", *pushed_of(metadata, plan), log.steps)

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return Digest(built.digest)  # `build` has pushed it

    def keep(self, plan: BuildPlan, kept: Kept) -> BuiltImage:
        outputs = tuple(f"{one}{_compressed(one, plan)}" for one in kept.outputs) or ("type=cacheonly",)
        used = plan if kept.outputs else replace(plan, attestations=Attestations())
        names = kept.names if kept.outputs else ()
        log = CacheLog()
        with self._folders.made() as folder:
            used, environ = self._with_known_builder(used, folder)
            completed = self._run(used, environ, outputs, folder, names, log=log)
            if not completed.ok:
                raise build_failure(completed, used, self._program, self._builder or plan.builder)
            found = metadata_of(folder / "metadata.json", plan)
        digest = str(found.get("containerimage.digest", ""))  # none of a folder, or of an archive of files
        name = next(iter(names), "")
        return BuiltImage(name, f"buildx {self._version}", digest, "", of_build(found), log.steps)

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        if not is_from(_CALLS, self._version):
            raise BuildError(
                f"buildx {self._version} has no build checks",
                why="they came with buildx 0.15",
                remedy="update docker's buildx plugin, or leave --call out",
            )
        with self._folders.made() as folder:
            called, environ = self._with_known_builder(replace(plan, attestations=Attestations()), folder)
            completed = self._run(called, environ, (), folder, call=True)
            found = of_call(metadata_of(folder / "metadata.json", plan))
        if found is None:
            raise build_failure(completed, called, self._program, self._builder or plan.builder)
        if found.error:
            raise BuildError(f"{plan.dockerfile}: {found.error}", remedy="correct the Dockerfile")
        return found.checks

    def _with_known_builder(self, plan: BuildPlan, folder: Path) -> tuple[BuildPlan, Mapping[str, str]]:
        """plan and environment with a builder that buildx knows by its name, also where it has an address."""
        plan = plan.by_contexts
        builder = self._builder or plan.builder
        if not is_address(builder):
            return plan, self._environ
        address = address_of(builder)
        made = create_command(address, self._program)
        self._narrator.command(process.echo(made, harmless=made))
        return replace(plan, builder=NAME), register(address, folder, self._program, self._environ)

    def _push(
        self,
        plan: BuildPlan,
        environ: Mapping[str, str],
        folder: Path,
        name: str,
        stop: process.Stop,
        log: CacheLog,
    ) -> process.Completed:
        output = push_output(self._version, plan.compression, plan.attestations)
        return self._run(plan, environ, (output,), folder, (name,), push=True, stop=stop, log=log)

    def _run(
        self,
        plan: BuildPlan,
        environ: Mapping[str, str],
        outputs: tuple[str, ...],
        folder: Path,
        names: tuple[str, ...] = (),
        *,
        push: bool = False,
        call: bool = False,
        stop: process.Stop | None = None,
        log: CacheLog | None = None,
    ) -> process.Completed:
        tell = without_recap(self._narrator.detail)

        def read(line: str) -> None:
            tell(line)
            if log:
                log.line(line)

        metadata = folder / "metadata.json"
        # What a user can run; labels and annotations repeat what the log says already.
        calls = ("--call=check",) if call else ()
        more = (
            *(("--push",) if push else calls),
            *(f"--tag={name}" for name in names),
            *(f"--output={one}" for one in outputs),
        )
        shown = by_hand(plan, more, self._program)
        self._narrator.command(process.echo(shown, harmless=shown))
        given, environ = environ, buildx_environ(plan, environ)
        if not plan.args:
            return process.run(
                build_command(plan, metadata, more, self._program),
                environ=environ,
                on_line=read,
                stop=stop,
            )
        state = {} if is_from(RECENT, self._version) else _own_state(given, folder)
        outputs = tuple(f"{one},push=true" for one in outputs) if push else outputs
        return process.run(
            bake_command(plan, metadata, calls, self._program),
            environ={**environ, **state},
            stdin=definition(plan, _args(plan, given), outputs, names),
            on_line=read,
            stop=stop,
        )


def _compressed(output: str, plan: BuildPlan) -> str:
    """What is added to an output that holds layers, unless it says itself how they are compressed."""
    given = export_of(output)
    return "" if given["type"] != "oci" or "compression" in given else plan.compression.attributes()


def _own_state(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The user's builders, with `refs` of the run's own: for a buildx that keeps definitions there."""
    docker = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/"), ".docker"))
    users = Path(environ.get("BUILDX_CONFIG") or docker / "buildx")
    own = folder / "buildx"
    own.mkdir()
    for one in users.iterdir() if users.is_dir() else ():
        if one.name != "refs":
            (own / one.name).symlink_to(one)
    return {"BUILDX_CONFIG": str(own)}


def _args(plan: BuildPlan, environ: Mapping[str, str]) -> dict[str, str]:
    """The build arguments. `docker buildx build` adds the epoch by itself, bake only in newer versions."""
    epoch = environ.get(_EPOCH, "")
    return {**({_EPOCH: epoch} if epoch else {}), **dict(plan.args)}
