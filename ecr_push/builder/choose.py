"""Finds the builders of this machine and chooses one: buildx if it is installed, else the engine itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ecr_push.base import background, process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.builder.buildkit_inputs import flags
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.buildx_instances import builders_own, check_builder
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.builder.docker_engine import ENGINES_OWN, EngineBuilder, connect
from ecr_push.builder.docker_environ import driver, for_docker
from ecr_push.builder.interface import Builder
from ecr_push.builder.plain_http import check_plain_http
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.platforms import normal
from ecr_push.builder.user_docker import (
    FROM_ENVIRONMENT,
    proxies_with_a_password,
    read_config,
    read_environment,
)
from ecr_push.registry.interface import Login

_ENGINE = "{{.Server.Version}} {{.Server.Os}}/{{.Server.Arch}}"


@dataclass(frozen=True)
class Engine:
    """The versions of the engine and of buildx, empty where there is none.

    why: why there is no engine. platform: the engine's own.
    """

    server: str
    buildx: str
    why: str = ""
    platform: str = ""


class DockerBuilders:
    """See `Builders`. Starts to look for the engine in the background at once.

    environ:     the user's own environment; docker gets what `for_docker` leaves of it.
    user_config: the user's own Docker configuration folder; it need not exist.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        user_config: Path,
        narrator: Narrator,
        folders: PrivateFolders,
        engine: Future[Engine] | None = None,
        config: DockerConfig | None = None,
        platforms: dict[str, Future[str]] | None = None,
    ) -> None:
        self._environ = environ
        self._user_config = user_config
        self._narrator = narrator
        self._folders = folders
        self._config = config
        self._platforms = {} if platforms is None else platforms  # of builders that were asked already
        self._engine = engine or background.start(
            lambda: find_engine(_for_questions(environ, user_config)), "find engine"
        )

    @contextmanager
    def logged_in(
        self, host: str, login: Callable[[], Login], narrator: Narrator
    ) -> Iterator[DockerBuilders]:
        try:
            read_environment(self._environ.get(FROM_ENVIRONMENT, ""))
        except ValueError as error:  # docker goes on without it, too
            self._narrator.warn(f"{error}: it is ignored")
        with (
            self._folders.made() as folder,
            DockerConfig(folder, self._user_config, self._environ, host, login) as config,
        ):
            yield DockerBuilders(
                self._environ,
                self._user_config,
                narrator,
                self._folders,
                self._engine,
                config,
                self._platforms,
            )

    def docker_environ(self) -> dict[str, str]:
        environ = for_docker(self._environ, self._user_config)
        return self._config.environ(environ) if self._config else environ

    def default_platform(self, plan: BuildPlan) -> Future[str]:
        if plan.builder not in self._platforms:
            self._platforms[plan.builder] = background.start(
                lambda: self._platform(plan, start=False), "builder's platform"
            )
        return self._platforms[plan.builder]

    def started_platform(self, plan: BuildPlan) -> str:
        return self._platform(plan, start=True)

    def _platform(self, plan: BuildPlan, *, start: bool) -> str:
        environ = _for_questions(self._environ, self._user_config, plan.builder)
        known = "BUILDX_CONFIG" in environ or (self._user_config / "buildx").is_dir()
        named = plan.builder or "BUILDX_BUILDER" in environ
        if not (known or named):
            return normal(self._engine.result().platform)  # the engine itself builds
        ask = partial(self._buildx_platform, plan, environ, known=known, start=start)
        # A mere question is asked beside the search for the engine: each start of buildx takes 0.2 s.
        asked = None if start else background.start(ask, "buildx inspect")
        engine = self._engine.result()
        if not _builds_with_buildx(plan, engine):
            return normal(engine.platform)
        return asked.result() if asked else ask()

    def _buildx_platform(
        self, plan: BuildPlan, environ: Mapping[str, str], *, known: bool, start: bool
    ) -> str:
        if known:
            return builders_own(environ, plan.builder, start=start)
        with self._folders.made() as folder:  # buildx would make its own in the user's configuration
            return builders_own({**environ, "BUILDX_CONFIG": str(folder)}, plan.builder, start=start)

    def choose(self, plan: BuildPlan) -> Builder:
        inputs = plan.cache.added_to(plan.inputs, None)
        environ = for_docker(self._environ, self._user_config, plan.builder, inputs)
        if self._config:
            environ = self._config.environ(environ)
            if driver(environ, self._user_config, plan.builder) in ("", "docker"):  # others trust loopback
                check_plain_http(self._config.host, environ)
        if plan.attestations.shows_arguments:
            _check_proxies(self._user_config)
        return choose_builder(plan, self._engine.result(), environ, self._narrator, self._folders)


def _for_questions(environ: Mapping[str, str], user_config: Path, builder: str = "") -> dict[str, str]:
    """The environment of a docker that talks to no registry."""
    found = for_docker(environ, user_config, builder)
    return {name: value for name, value in found.items() if name != FROM_ENVIRONMENT}


def _check_proxies(user_config: Path) -> None:
    """Raises BuildError for a proxy's password, which provenance would show as a build argument's."""
    if names := proxies_with_a_password(read_config(user_config)):
        raise BuildError(
            f"--provenance mode=max would show the password of a proxy: {', '.join(names)}",
            why=f"docker hands the proxies in {user_config / 'config.json'} to each build as arguments",
            remedy="give --provenance mode=min, or use a proxy without a password",
        )


def find_engine(environ: Mapping[str, str]) -> Engine:
    """Asks the docker command for the versions of its engine and of buildx, in parallel."""
    server = background.start(
        lambda: process.run(("docker", "version", "--format", _ENGINE), environ=environ),
        "docker version",
    )
    buildx = background.start(
        lambda: process.run(("docker", "buildx", "version"), environ=environ), "buildx version"
    )
    try:
        answered = server.result()
    except FileNotFoundError:
        return Engine("", "", "there is no docker command in the PATH")
    last = (answered.output or ("",))[-1]
    version, _, platform = last.partition(" ")
    # `github.com/docker/buildx 0.13.1 …`
    words = " ".join(buildx.result().output).split()
    return Engine(
        version if answered.ok else "",
        words[1] if buildx.result().ok and len(words) > 1 else "",
        "" if answered.ok else last,
        platform if answered.ok else "",
    )


def _builds_with_buildx(plan: BuildPlan, engine: Engine) -> bool:
    return bool(engine.buildx and not plan.image and (engine.server or plan.builder))


def choose_builder(
    plan: BuildPlan,
    engine: Engine,
    environ: Mapping[str, str],
    narrator: Narrator,
    folders: PrivateFolders,
) -> Builder:
    """Returns buildx or the engine. Raises BuildError if neither can do this build."""
    if _builds_with_buildx(plan, engine):
        check_builder(plan.builder, environ)
        return BuildxBuilder(engine.buildx, environ, narrator, folders)
    client = connect(environ, engine.why)
    if not plan.image and (wanted := _only_of_buildx(plan)):
        raise BuildError(
            f"without buildx there is no {', no '.join(wanted)}",
            why="`docker buildx version` failed",
            remedy="install docker's buildx plugin: https://docs.docker.com/go/buildx/",
        )
    return EngineBuilder(client, environ, narrator, folders)


def _only_of_buildx(plan: BuildPlan) -> list[str]:
    """What the plan asks for that the engine's own builder does not have."""
    asked = {
        "--builder": plan.builder,
        "--compression": plan.compression.kind,
        "--provenance": plan.attestations.provenance is not None,
        "--sbom": plan.attestations.sbom is not None,
        "context in a git repository": plan.remote,
        "annotation": plan.annotations,
        "build for several platforms": plan.platforms[1:],
        **{flag.partition("=")[0]: True for flag in flags(plan.inputs)},
    }
    return [what for what, value in asked.items() if value and what not in ENGINES_OWN]
