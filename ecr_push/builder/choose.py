"""Finds the builders of this machine and chooses one: see `ways.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base import background
from ecr_push.base.errors import BuildError, SettingsError, as_one
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.buildkit_address import address_of, is_address
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.buildx_instances import builders_own, check_builder
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.builder.docker_environ import addresses, driver, for_docker
from ecr_push.builder.interface import Builder
from ecr_push.builder.machine import Machine, find_machine
from ecr_push.builder.options import TOOLS
from ecr_push.builder.plain_http import check_plain_http
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.platforms import normal
from ecr_push.builder.refused import container_program, nothing_runs_an_image, refused_by
from ecr_push.builder.remote_buildkit import FROM_ENVIRONMENT, NAME, check_address, register
from ecr_push.builder.user_docker import (
    FROM_ENVIRONMENT as LOGINS,
)
from ecr_push.builder.user_docker import (
    proxies_with_a_password,
    read_config,
    read_environment,
)
from ecr_push.builder.user_podman import unusable_logins
from ecr_push.builder.ways import BUILDX, ENGINE, only_of_buildx, way_in_words, way_to_build, ways_to_build
from ecr_push.registry.interface import Login
from ecr_push.registry.layout_files import is_layout

if TYPE_CHECKING:  # few machines have it, and load it
    from ecr_push.builder.podman import Program


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
        machine: Future[Machine] | None = None,
        config: DockerConfig | None = None,
        platforms: dict[str, Future[str]] | None = None,
        programs: dict[str, Future[Program]] | None = None,
        at_end: ExitStack | None = None,
    ) -> None:
        self._at_end = at_end  # what a builder leaves to be removed with its login
        self._environ = environ
        self._user_config = user_config
        self._narrator = narrator
        self._folders = folders
        self._config = config
        self._platforms = {} if platforms is None else platforms  # of builders that were asked already
        self._programs = {} if programs is None else programs  # likewise, of podman and buildah
        self._machine = machine or background.start(
            lambda: find_machine(_for_questions(environ, user_config)), "find builders"
        )

    @contextmanager
    def logged_in(
        self, host: str, login: Callable[[], Login], narrator: Narrator
    ) -> Iterator[DockerBuilders]:
        try:
            read_environment(self._environ.get(LOGINS, ""))
        except ValueError as error:  # docker goes on without it, too
            self._narrator.warn(f"{error}: it is ignored")
        with (
            self._folders.made() as folder,
            DockerConfig(folder, self._user_config, self._environ, host, login) as config,
            ExitStack() as at_end,
        ):
            yield DockerBuilders(
                self._environ,
                self._user_config,
                narrator,
                self._folders,
                self._machine,
                config,
                self._platforms,
                self._programs,
                at_end,
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

    def check(self, plan: BuildPlan | None, *, runs_image: bool = False) -> None:
        refused = [self._refusal(plan)] if plan else []
        if runs_image and not self.container_program():
            refused.append(nothing_runs_an_image(self._machine.result()))
        if found := [one for one in refused if one]:
            raise as_one(found)
        if plan and plan.image and not is_layout(plan.image):
            from ecr_push.builder.existing_image import check_image

            machine = self._machine.result()
            environ = for_docker(self._environ, self._user_config, plan.builder)
            check_image(plan.image, self._way(plan, machine), machine, environ)

    def described(self) -> str:
        machine = self._machine.result()
        found = [f"Docker Engine {machine.server}"] if machine.server else []
        found += [f"buildx {machine.buildx}"] if machine.buildx else []
        return ", ".join([*found, *machine.tools])

    def planned(self, plan: BuildPlan) -> str:
        plan, machine = self._completed(plan), self._machine.result()
        kind = driver(self._environ, self._user_config, plan.builder)
        return way_in_words(self._way(plan, machine), plan, machine, kind)

    def container_program(self) -> str:
        return container_program(self._machine.result())

    def _refusal(self, plan: BuildPlan) -> SettingsError | None:
        """What the builder of the plan does not take; None where it takes all, or where there is none."""
        if plan.parts or is_layout(plan.image):
            return None
        plan, machine = self._completed(plan), self._machine.result()
        way = self._way(plan, machine)
        if way in TOOLS and way in machine.tools:
            environ = for_docker(self._environ, self._user_config, plan.builder)
            return refused_by(self._program(way), plan, environ)
        if way == ENGINE and machine.server and not plan.image and (wanted := only_of_buildx(plan)):
            from ecr_push.builder.docker_engine import without_buildx

            return without_buildx(*wanted)
        return None

    def _program(self, tool: str) -> Program:
        """Asked for once. Raises BuildError where it does not work."""
        from ecr_push.builder.podman import find_program

        if tool not in self._programs:
            environ = _for_questions(self._environ, self._user_config)
            self._programs[tool] = background.start(lambda: find_program(tool, environ), tool)
        return self._programs[tool].result()

    def choose(self, plan: BuildPlan) -> Builder:
        inputs = plan.cache.added_to(plan.inputs, None)
        plan, machine = self._completed(plan), self._machine.result()
        if self._environ.get(FROM_ENVIRONMENT) and machine.server and not plan.builder and not plan.image:
            self._narrator.say(
                f"{FROM_ENVIRONMENT} is not used: an engine answers. --builder takes an address"
            )
        environ = for_docker(self._environ, self._user_config, plan.builder, inputs)
        if self._config:
            environ = self._config.environ(environ)
        way = self._way(plan, machine)
        if way in TOOLS:
            return self._podman(way, plan, machine, environ)
        if self._config and driver(environ, self._user_config, plan.builder) in ("", "docker"):
            check_plain_http(self._config.host, environ)  # others trust loopback
        if way == BUILDX:
            return self._buildx(plan, machine, environ)
        if not machine.has_docker and not machine.server:
            what = "nothing on this machine builds images"
            if plan.builder:
                guess = did_you_mean(plan.builder, TOOLS)
                what = f"the builder {plan.builder} needs buildx, which is not installed{guess}"
            raise BuildError(what, why=machine.why, remedy=ways_to_build(machine))
        from ecr_push.builder.docker_engine import EngineBuilder, connect, without_buildx

        client = connect(environ, machine.why, ways_to_build(machine))
        if wanted := () if plan.image else only_of_buildx(plan):
            raise without_buildx(*wanted)
        return EngineBuilder(client, environ, self._narrator, self._folders)

    def _completed(self, plan: BuildPlan) -> BuildPlan:
        """plan, whose builder is BUILDKIT_HOST's where neither the settings nor buildx name one that needs no
        engine, and no engine answers."""
        address = self._environ.get(FROM_ENVIRONMENT, "")
        if (
            not address
            or plan.builder
            or plan.image
            or self._machine.result().server
            or self._is_elsewhere(plan)
        ):
            return plan
        try:
            address_of(address)
        except ValueError as error:
            raise SettingsError([f"{FROM_ENVIRONMENT}: {error}"], remedy="correct it, or unset it") from error
        return replace(plan, builder=address)

    def _is_elsewhere(self, plan: BuildPlan) -> bool:
        """Whether the builder of buildx needs no engine of this machine."""
        return driver(self._environ, self._user_config, plan.builder) in ("remote", "kubernetes")

    def _way(self, plan: BuildPlan, machine: Machine) -> str:
        return way_to_build(plan, machine, elsewhere=self._is_elsewhere(plan))

    def _podman(self, tool: str, plan: BuildPlan, machine: Machine, environ: Mapping[str, str]) -> Builder:
        if tool not in machine.tools:
            raise BuildError(
                f"--builder {tool}: there is no {tool} in the PATH",
                remedy=f"install {tool}, or leave out --builder",
            )
        from ecr_push.builder.podman import PodmanBuilder

        for host in unusable_logins(self._environ, self._user_config):
            self._narrator.warn(
                f"podman's logins for several parts of {host} are not used: log in to {host} as a whole"
            )
        program = self._program(tool)
        if refused := refused_by(program, plan, environ):
            raise refused
        why = f": {machine.why}" if machine.why and not plan.builder else ""
        self._narrator.say(f"building with {program}{why}")
        if plan.cache.is_used:
            self._narrator.warn(f"the build goes on without the build cache, which {tool} cannot read")
        return PodmanBuilder(program, plan, environ, self._narrator, self._folders, self._at_end)

    def _buildx(self, plan: BuildPlan, machine: Machine, environ: Mapping[str, str]) -> Builder:
        if plan.attestations.shows_arguments:
            _check_proxies(self._user_config)
        if not is_address(plan.builder):
            check_builder(plan.builder, environ, machine.program)
        places = addresses(environ, self._user_config, plan.builder)
        if len(places) == 1:  # of several, a build needs those of its platforms alone
            check_address(places[0], environ, self._narrator)
        return BuildxBuilder(
            *(machine.buildx, environ, self._narrator, self._folders, machine.program, plan.builder)
        )

    def _platform(self, plan: BuildPlan, *, start: bool) -> str:
        environ = _for_questions(self._environ, self._user_config, plan.builder)
        known = "BUILDX_CONFIG" in environ or (self._user_config / "buildx").is_dir()
        asked = None
        if known and not start and not is_address(plan.builder) and plan.builder not in TOOLS:
            # A mere question is asked beside the search for the engine: each start of buildx takes 0.2 s.
            asked = background.start(
                lambda: builders_own(DOCKERS_PLUGIN, environ, plan.builder), "buildx inspect"
            )
        machine = self._machine.result()
        plan = self._completed(plan)
        way = self._way(plan, machine)
        if way in TOOLS:
            from ecr_push.builder.podman import own_platform

            return own_platform(way, environ)
        named = plan.builder or "BUILDX_BUILDER" in environ
        if way != BUILDX or not (known or named):
            return normal(machine.platform)  # the engine itself builds
        if asked and machine.program == DOCKERS_PLUGIN and not is_address(plan.builder):
            return asked.result()
        with self._folders.made() as folder:  # buildx would make its own in the user's configuration
            if is_address(plan.builder):
                environ = register(address_of(plan.builder), folder, machine.program, environ)
            elif not known:
                environ = {**environ, "BUILDX_CONFIG": str(folder)}
            name = NAME if is_address(plan.builder) else plan.builder
            return builders_own(machine.program, environ, name, start=start)


def _for_questions(environ: Mapping[str, str], user_config: Path, builder: str = "") -> dict[str, str]:
    """The environment of a docker that talks to no registry."""
    found = for_docker(environ, user_config, builder)
    return {name: value for name, value in found.items() if name != LOGINS}


def _check_proxies(user_config: Path) -> None:
    """Raises BuildError for a proxy's password, which provenance would show as a build argument's."""
    if names := proxies_with_a_password(read_config(user_config)):
        raise BuildError(
            f"--provenance mode=max would show the password of a proxy: {', '.join(names)}",
            why=f"docker hands the proxies in {user_config / 'config.json'} to each build as arguments",
            remedy="give --provenance mode=min, or use a proxy without a password",
        )
