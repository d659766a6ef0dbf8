"""Builds and pushes in one step with buildx, or only builds.

A build without arguments is the `docker buildx build` that the log shows. Arguments go another way, because
each way into that command shows them to others or lets them change what docker does: see `bake.py`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.bake import TARGET, definition
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.buildkit_inputs import bake_flags, flags
from ecr_push.builder.buildx_environ import buildx_environ
from ecr_push.builder.buildx_instances import unanswered
from ecr_push.builder.buildx_metadata import metadata_of, of_build, of_call, pushed_of
from ecr_push.builder.buildx_output import RECENT, is_from, push_output, refuses_artifacts
from ecr_push.builder.cache_log import CacheLog, less_of
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login

_EPOCH = "SOURCE_DATE_EPOCH"
_SHOWN_LINES = 15
# How BuildKit quotes the step that failed:
#     Dockerfile:2
#     --------------------
#        1 |     FROM scratch
#        2 | >>> RUN make
_FAILED_STEP = lazy_regex(
    r"^(?P<place>\S+:\d+)\n-{20,}\n(?: *\d+ \|.*\n)*? *\d+ \| >>> (?P<step>.*)$", re.MULTILINE
)
# git's words where an address needs a user, of HTTP and of SSH.
_NO_ACCESS = lazy_regex(r"could not read Username|Authentication failed|Permission denied \(publickey")
_CALLS = (0, 15)  # since which there is --call: https://github.com/docker/buildx/releases/tag/v0.15.0


class BuildxBuilder:
    """See `Builder`. environ holds the run's own DOCKER_CONFIG."""

    def __init__(
        self, version: str, environ: Mapping[str, str], narrator: Narrator, folders: PrivateFolders
    ) -> None:
        self._version = version
        self._environ = environ
        self._narrator = narrator
        self._folders = folders

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        name = repository.tagged(candidate)
        with self._folders.made() as folder:
            metadata = folder / "metadata.json"
            cache, attestations = plan.cache, plan.attestations
            while True:
                log = CacheLog()
                inputs = cache.added_to(plan.inputs, repository.registry)
                used = replace(plan, inputs=inputs, attestations=attestations)
                completed = self._push(used, folder, name, permission.stop, log)
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
                raise failure(completed, plan, name)
            return BuiltImage(name, f"buildx {self._version}", *pushed_of(metadata, plan), log.steps)

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return Digest(built.digest)  # `build` has pushed it

    def check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        kept = replace(plan, inputs=replace(plan.inputs, cache_to=()), attestations=Attestations())
        with self._folders.made() as folder:
            completed = self._run(kept, "type=cacheonly", folder)
            if not completed.ok:
                raise _build_failure(completed, plan)
            return of_build(metadata_of(folder / "metadata.json", plan))

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        if not is_from(_CALLS, self._version):
            raise BuildError(
                f"buildx {self._version} has no build checks",
                why="they came with buildx 0.15",
                remedy="update docker's buildx plugin, or leave --call out",
            )
        with self._folders.made() as folder:
            called = replace(plan, attestations=Attestations())
            completed = self._run(called, "", folder, ("--call=check",))
            found = of_call(metadata_of(folder / "metadata.json", plan))
        if found is None:
            raise _build_failure(completed, plan)
        if found.error:
            raise BuildError(f"{plan.dockerfile}: {found.error}", remedy="correct the Dockerfile")
        return found.checks

    def _push(
        self, plan: BuildPlan, folder: Path, name: str, stop: process.Stop, log: CacheLog
    ) -> process.Completed:
        output = push_output(self._version, plan.compression, plan.attestations)
        return self._run(plan, output, folder, ("--push", f"--tag={name}"), name, stop=stop, log=log)

    def _run(
        self,
        plan: BuildPlan,
        output: str,
        folder: Path,
        more: tuple[str, ...] = (),
        name: str = "",
        stop: process.Stop | None = None,
        log: CacheLog | None = None,
    ) -> process.Completed:
        def read(line: str) -> None:
            self._narrator.detail(line)
            if log:
                log.line(line)

        metadata = folder / "metadata.json"
        # What a user can run; labels and annotations repeat what the log says already.
        more = (*more, f"--output={output}") if output else more
        shown = by_hand(plan, more)
        self._narrator.say(process.echo(shown, harmless=shown))
        environ = buildx_environ(plan, self._environ)
        if not plan.args:
            return process.run(
                build_command(plan, metadata, more),
                environ=environ,
                on_line=read,
                stop=stop,
            )
        state = {} if is_from(RECENT, self._version) else _own_state(self._environ, folder)
        outputs = (f"{output},push=true" if name else output,) if output else ()
        call = tuple(flag for flag in more if flag.startswith("--call="))
        return process.run(
            bake_command(plan, metadata, call),
            environ={**environ, **state},
            stdin=definition(plan, _args(plan, self._environ), outputs, name),
            on_line=read,
            stop=stop,
        )


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


def bake_command(plan: BuildPlan, metadata: Path, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Returns the argv of a build whose definition is on standard input."""
    return (
        *("docker", "buildx", "bake", "--file=-", "--progress=plain", f"--metadata-file={metadata}"),
        *((f"--builder={plan.builder}",) if plan.builder else ()),
        *bake_flags(plan.inputs),
        *more,
        TARGET,
    )


def build_command(plan: BuildPlan, metadata: Path, output: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the argv of a build without arguments."""
    more = (
        f"--metadata-file={metadata}",
        *(f"--label={key}={value}" for key, value in plan.labels.items()),
        *(f"--annotation={text}" for text in plan.annotations),
    )
    return by_hand(plan, (*output, *more))


def by_hand(plan: BuildPlan, more: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the argv of the same build by hand: it takes build arguments from the environment."""
    context = plan.remote or str(plan.context)
    return (
        *("docker", "buildx", "build", "--progress=plain", *plan.attestations.flags()),
        *more,
        *_choices(plan),
        f"./{context}" if context.startswith("-") else context,  # a folder, and no flag
    )


def _choices(plan: BuildPlan) -> tuple[str, ...]:
    """What the user has chosen of the build, as flags."""
    return (
        f"--file={plan.dockerfile}",
        *(f"--build-arg={key}" for key, _ in plan.args),
        *((f"--target={plan.target}",) if plan.target else ()),
        *((f"--platform={','.join(plan.platforms)}",) if plan.platforms else ()),
        *((f"--builder={plan.builder}",) if plan.builder else ()),
        *flags(plan.inputs),
    )


def _args(plan: BuildPlan, environ: Mapping[str, str]) -> dict[str, str]:
    """The build arguments. `docker buildx build` adds the epoch by itself, bake only in newer versions."""
    epoch = environ.get(_EPOCH, "")
    return {**({_EPOCH: epoch} if epoch else {}), **dict(plan.args)}


def failure(completed: process.Completed, plan: BuildPlan, name: str) -> BuildError | RegistryError:
    """Returns the error of a build and push: only BuildKit's message shows which of the two failed."""
    last = last_error(completed)
    if "failed to push" in last or f'"{name}"' in last or f" {name}:" in last:
        return RegistryError("the candidate could not be pushed", why=last)
    return _build_failure(completed, plan)


def last_error(completed: process.Completed) -> str:
    """The last line in which buildx says why it ends, without its head; "" where there is none."""
    errors = [line for line in completed.output if line.startswith("ERROR:")]
    return _without_target(errors[-1]).removeprefix("ERROR: ") if errors else ""


def _without_target(line: str) -> str:
    """`ERROR: target image: failed to solve: …` -> `ERROR: failed to solve: …`; it has one target alone."""
    head = f"ERROR: target {TARGET}: "
    return f"ERROR: {line.removeprefix(head)}" if line.startswith(head) else line


def _build_failure(completed: process.Completed, plan: BuildPlan) -> BuildError:
    attested = plan.attestations.flags() if plan.attestations else ()
    context = plan.remote or str(plan.context)
    again = shlex.join(("docker", "buildx", "build", *attested, *_choices(plan), context))
    return unanswered(completed.output, plan.builder) or BuildError(
        _failed_step(completed.output) or f"docker buildx build failed with exit code {completed.exit_code}",
        why="\n".join(_without_target(line) for line in completed.output[-_SHOWN_LINES:]),
        remedy=f"{_for_a_private_repository(completed.output)}the lines above are BuildKit's; `{again}` "
        "builds without pushing",
    )


def _for_a_private_repository(output: Sequence[str]) -> str:
    """What BuildKit itself could not fetch; a step that clones has other words around git's."""
    text = "\n".join(output)
    if "failed to fetch remote" not in text or not _NO_ACCESS.search(text):
        return ""
    return "for a private repository give --secret id=GIT_AUTH_TOKEN,env=NAME, or --ssh default; "


def _failed_step(output: Sequence[str]) -> str:
    """Returns the Dockerfile's line that failed, such as `Dockerfile:2: RUN make: exit code 2`, or ""."""
    text = "\n".join(output)
    steps = list(_FAILED_STEP.finditer(text))
    if not steps:
        return ""
    codes = re.findall(r"^ERROR: .*\bexit code: (\d+)$", text, re.MULTILINE)
    suffix = f": exit code {codes[-1]}" if codes else ""
    return f"{steps[-1]['place']}: {steps[-1]['step'].strip()}{suffix}"
