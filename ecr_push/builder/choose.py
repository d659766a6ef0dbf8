"""Finds the builders of this machine and chooses one: buildx if it is installed, else the engine itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ecr_push.base import background, process
from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.builder.docker_engine import EngineBuilder, connect
from ecr_push.builder.interface import Builder
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login


@dataclass(frozen=True)
class Engine:
    """The versions of the engine and of buildx, empty where there is none. why: why there is no engine."""

    server: str
    buildx: str
    why: str = ""


class DockerBuilders:
    """See `Builders`. Starts to look for the engine in the background at once.

    user_config: the user's own Docker configuration folder; it need not exist.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        user_config: Path,
        narrator: Narrator,
        engine: Future[Engine] | None = None,
    ) -> None:
        self._environ = environ
        self._user_config = user_config
        self._narrator = narrator
        self._engine = engine or background.start(lambda: find_engine(environ), "find engine")

    @contextmanager
    def logged_in(self, host: str, login: Callable[[], Login]) -> Iterator[DockerBuilders]:
        with DockerConfig(self._user_config, host, login) as config:
            environ = config.environ(self._environ)
            yield DockerBuilders(environ, self._user_config, self._narrator, self._engine)

    def choose(self, plan: BuildPlan) -> Builder:
        return choose_builder(plan, self._engine.result(), self._environ, self._narrator)


def find_engine(environ: Mapping[str, str]) -> Engine:
    """Asks the docker command for the versions of its engine and of buildx, in parallel."""
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
        return Engine("", "", "there is no docker command in the PATH")
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
    """Returns buildx or the engine. Raises BuildError if neither can do this build."""
    if engine.buildx and not plan.image and (engine.server or plan.builder):
        return BuildxBuilder(engine.buildx, environ, narrator)
    if plan.builder or plan.annotations or len(plan.platforms) > 1:
        raise BuildError(
            "several platforms, annotations and --builder need buildx",
            why=engine.why or "`docker buildx version` failed",
            remedy="install docker's buildx plugin: https://docs.docker.com/go/buildx/",
        )
    return EngineBuilder(connect(environ, engine.why), environ, narrator)
