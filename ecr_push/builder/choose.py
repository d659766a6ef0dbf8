"""Which builder there is: buildx where it answers, else the engine itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecr_push.base import background, process
from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.docker_engine import EngineBuilder, connect
from ecr_push.builder.interface import Builder
from ecr_push.builder.plan import BuildPlan


@dataclass(frozen=True)
class Engine:
    """What the docker command answers. Empty parts are not there."""

    server: str
    buildx: str
    why: str = ""


def find_engine(environ: Mapping[str, str]) -> Engine:
    """Asks the docker command for its engine and for buildx, both at once."""
    server = background.start(
        lambda: process.run(("docker", "version", "--format", "{{.Server.Version}}"), environ=environ),
        "docker version",
    )
    buildx = background.start(
        lambda: process.run(("docker", "buildx", "version"), environ=environ), "buildx version"
    )
    try:
        answered = server.result()
    except FileNotFoundError:
        return Engine("", "", "there is no docker command on the PATH")
    version = (answered.output or ("",))[-1]
    # `github.com/docker/buildx 0.13.1 …`
    words = " ".join(buildx.result().output).split()
    return Engine(
        version if answered.ok else "",
        words[1] if buildx.result().ok and len(words) > 1 else "",
        "" if answered.ok else version,
    )


def choose_builder(
    plan: BuildPlan, engine: Engine, environ: Mapping[str, str], narrator: Narrator
) -> Builder:
    """Raises BuildError when there is nothing that could build."""
    if engine.buildx and not plan.image and (engine.server or plan.builder):
        return BuildxBuilder(engine.buildx, environ, narrator)
    if plan.builder or plan.annotations or len(plan.platforms) > 1:
        raise BuildError(
            "several platforms, annotations, or a builder of one's own need buildx",
            why=engine.why or "`docker buildx version` does not answer",
            remedy="install docker's buildx plugin: https://docs.docker.com/go/buildx/",
        )
    return EngineBuilder(connect(environ, engine.why), narrator)
