"""Builds and pushes in one step with `docker buildx build --push`, or only builds."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login

# Build arguments are passed in the environment, where other users of the machine cannot read them. These
# names would change what docker does, or the git that buildx starts in the context; they are not secrets.
_RESERVED_NAMES = (
    *("PATH", "HOME", "TMPDIR", "LD_", "DOCKER_", "BUILDX_", "BUILDKIT_", "SSH_", "OTEL_"),
    *("GIT_", "AWS_", "XDG_", "SSL_CERT_", "GODEBUG", "GOTRACEBACK", "GPG_", "SHELL", "PAGER", "EDITOR"),
)
_SHOWN_LINES = 15
# How BuildKit quotes the step that failed:
#     Dockerfile:2
#     --------------------
#        1 |     FROM scratch
#        2 | >>> RUN make
_FAILED_STEP = re.compile(
    r"^(?P<place>\S+:\d+)\n-{20,}\n(?: *\d+ \|.*\n)*? *\d+ \| >>> (?P<step>.*)$", re.MULTILINE
)
# Before this version, buildx made an engine with the containerd image store push a second time, which finds
# nothing to push with store=false: https://github.com/docker/buildx/pull/3023
_PUSHES_ONCE = (0, 22)


class BuildxBuilder:
    """See `Builder`. environ holds the run's own DOCKER_CONFIG."""

    def __init__(self, version: str, environ: Mapping[str, str], narrator: Narrator) -> None:
        self._version = version
        self._environ = environ
        self._narrator = narrator

    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        name = repository.tagged(candidate)
        with tempfile.TemporaryDirectory(prefix="ecr-push-build-") as folder:
            metadata = Path(folder) / "metadata.json"
            output = push_output(self._version)
            argv = command(plan, name, metadata, output)
            completed = self._run(argv, plan, _harmless(plan, name, metadata, output))
            if not completed.ok:
                raise failure(completed, plan, name)
            found = json.loads(metadata.read_text())
        descriptor = found.get("containerimage.descriptor", {})
        return BuiltImage(
            name, f"buildx {self._version}", found["containerimage.digest"], descriptor.get("mediaType", "")
        )

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return Digest(built.digest)  # `build` has pushed it

    def check(self, plan: BuildPlan) -> None:
        argv = _command(plan, ("--output=type=cacheonly",))
        completed = self._run(argv, plan, (*_harmless(plan), "type=cacheonly"))
        if not completed.ok:
            raise _build_failure(completed, plan)

    def _run(self, argv: tuple[str, ...], plan: BuildPlan, harmless: tuple[str, ...]) -> process.Completed:
        # Labels and annotations repeat what the log says already, and would be most of the line.
        shown = [word for word in argv if not word.startswith(("--label=", "--annotation="))]
        self._narrator.say(process.echo(shown, harmless=harmless))
        return process.run(argv, environ=_environ(self._environ, plan), on_line=self._narrator.detail)


def push_output(version: str) -> str:
    """Returns the value of --output for this version of buildx.

    store=false keeps candidates out of the engine's image list, and avoids unpacking them; builders without
    an image store ignore it.
    """
    numbers = re.match(r"v?(\d+)\.(\d+)\.", version)
    once = numbers and (int(numbers[1]), int(numbers[2])) >= _PUSHES_ONCE
    return "type=image,store=false" if once else "type=image"


def command(plan: BuildPlan, name: str, metadata: Path, output: str) -> tuple[str, ...]:
    """Returns the argv of the build, without the values of build arguments that could be secrets.

    Attestations are off: with them even a single platform becomes an index, which ECR lists as
    several untagged images and Lambda refuses.
    """
    pushing = ("--push", f"--output={output}", f"--metadata-file={metadata}", f"--tag={name}")
    return _command(plan, pushing)


def _command(plan: BuildPlan, output: tuple[str, ...]) -> tuple[str, ...]:
    return (
        "docker",
        "buildx",
        "build",
        "--progress=plain",
        "--provenance=false",
        "--sbom=false",
        *output,
        f"--file={plan.dockerfile}",
        *(f"--label={key}={value}" for key, value in plan.labels.items()),
        *(f"--annotation={text}" for text in plan.annotations),
        *(
            f"--build-arg={key}" if _in_environment(key) else f"--build-arg={key}={value}"
            for key, value in plan.args
        ),
        *((f"--target={plan.target}",) if plan.target else ()),
        *((f"--platform={','.join(plan.platforms)}",) if plan.platforms else ()),
        *((f"--builder={plan.builder}",) if plan.builder else ()),
        str(plan.context),
    )


def _in_environment(name: str) -> bool:
    return not name.startswith(_RESERVED_NAMES)


def _environ(base: Mapping[str, str], plan: BuildPlan) -> dict[str, str]:
    """Adds the build arguments. The metadata file needs no provenance, which would only cost time."""
    args = {name: value for name, value in plan.args if _in_environment(name)}
    return {"BUILDX_METADATA_PROVENANCE": "disabled", **base, **args}


def _harmless(plan: BuildPlan, *more: object) -> tuple[str, ...]:
    names = (key for key, _ in plan.args)
    return (
        "buildx",
        "build",
        "plain",
        "false",
        str(plan.dockerfile),
        str(plan.context),
        plan.target,
        ",".join(plan.platforms),
        plan.builder,
        *names,
        *map(str, more),
    )


def failure(completed: process.Completed, plan: BuildPlan, name: str) -> BuildError | RegistryError:
    """Returns the error of a build and push: only BuildKit's message shows which of the two failed."""
    errors = [line for line in completed.output if line.startswith("ERROR:")]
    last = errors[-1] if errors else ""
    if "failed to push" in last or f'"{name}"' in last or f" {name}:" in last:
        return RegistryError("the candidate could not be pushed", why=last.removeprefix("ERROR: "))
    return _build_failure(completed, plan)


def _build_failure(completed: process.Completed, plan: BuildPlan) -> BuildError:
    again = shlex.join(("docker", "buildx", "build", f"--file={plan.dockerfile}", str(plan.context)))
    return BuildError(
        _failed_step(completed.output) or f"docker buildx build failed with exit code {completed.exit_code}",
        why="\n".join(completed.output[-_SHOWN_LINES:]),
        remedy=f"the lines above are BuildKit's; this builds without pushing: {again}",
    )


def _failed_step(output: Sequence[str]) -> str:
    """Returns the Dockerfile's line that failed, such as `Dockerfile:2: RUN make: exit code 2`, or ""."""
    text = "\n".join(output)
    steps = list(_FAILED_STEP.finditer(text))
    if not steps:
        return ""
    codes = re.findall(r"^ERROR: .*\bexit code: (\d+)$", text, re.MULTILINE)
    suffix = f": exit code {codes[-1]}" if codes else ""
    return f"{steps[-1]['place']}: {steps[-1]['step'].strip()}{suffix}"
