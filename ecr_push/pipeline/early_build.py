"""A build that begins before the registry has answered every question, and may not push until then.

It needs nothing of the registry but its address. What gives docker the login is asked when docker pushes,
and waits for the registry's answers then. Where the registry refuses, or has the image already, the build's
program is ended, and nothing was pushed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecr_push.base import background, interruption
from ecr_push.base.errors import BuildError, EcrPushError, SettingsError
from ecr_push.base.held_log import HeldNarrator
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Repository
from ecr_push.builder.interface import Builder, Builders, BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.platforms import annotations_of_others
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.timeline import Timed
from ecr_push.registry.interface import Login, Reader
from ecr_push.tags.labels import BUILDER_PLATFORM_LABEL

# How long the end of a run waits for the thread of a build whose program has ended.
_ENDING_SECONDS = 2.0


@contextmanager
def early_build(
    plan: Plan, client: Reader, builders: Builders, tools: Tools, timed: Timed
) -> Iterator[EarlyBuild]:
    """The build of the plan's candidate, which `begin` begins. It is ended, and its login forgotten, at the
    end."""
    build = EarlyBuild(plan, client, builders, tools, timed)
    reported = ""
    try:
        yield build
    except EcrPushError as error:
        reported = f"{error.what}\n{error.why}"
        raise
    finally:
        with interruption.held():
            build.end(reported)


class EarlyBuild:
    """One build, which is in the log once it may push."""

    def __init__(self, plan: Plan, client: Reader, builders: Builders, tools: Tools, timed: Timed) -> None:
        self._plan = plan
        self._client = client
        self._builders = builders
        self._tools = tools
        self._timed = timed
        self._narrator = HeldNarrator(tools.narrator)
        self._permission = Permission()
        self._docker = ExitStack()  # what docker needs as long as it builds and pushes
        self._repository: Repository | None = None
        self._built: Future[BuiltImage] = Future()
        self._ready: Future[Builder] = Future()  # the builder, once it is known to answer
        self._logins: list[Login] = []
        self._is_wanted = False

    def begin(self, repository: Repository) -> None:
        """Starts to build. Raises nothing: `finish` does."""
        self._repository = repository
        try:
            builders = self._docker.enter_context(
                self._builders.logged_in(repository.registry.host, self._login, self._narrator)
            )
        except EcrPushError as error:
            self._built.set_exception(error)
        else:
            background.fulfil(self._built, self._timed("build", lambda: self._build(builders)), "build")

    def finish(self, repository: Repository, prepare: Callable[[], object]) -> BuiltImage:
        """What was built, by a build that begins now if it did not before. It may push when prepare has
        returned, which is called in the background.

        Raises BuildError, RegistryError.
        """
        self._is_wanted = True
        self._narrator.let_go()
        if self._repository is None:
            self.begin(repository)
        either: tuple[Future[Any], ...] = (self._ready, self._built)
        wait(either, return_when=FIRST_COMPLETED)
        if self._built.done() and isinstance(self._built.exception(), (BuildError, SettingsError)):
            self._built.result()  # nothing needs to be prepared: no repository is made for it
        self._permission.grant(prepare)
        return self._built.result()

    def again(self) -> BuiltImage:
        """The same build once more, from the builder's cache. Raises as `finish` does."""
        assert self._repository  # noqa: S101 - it has begun before
        return self.builder.build(self._plan.build, self._repository, self._plan.candidate, self._permission)

    def check_prepared(self) -> None:
        """Raises what prepare has raised."""
        self._permission.wait()

    @property
    def builder(self) -> Builder:
        assert self._ready.done()  # noqa: S101 - it has begun
        return self._ready.result()

    @property
    def login_until(self) -> datetime | None:
        """When the login ends that docker was given; None if it asked for none."""
        return self._logins[0].expires_at if self._logins else None

    def end(self, reported: str = "") -> None:
        """Ends the build where it goes on, and what docker needed for it.

        reported: the error that ends the run, in words. What it says of the build is not said once more.
        """
        with self._docker:
            if self._repository is None:
                return
            if self._built.done():
                error = self._built.exception()
                news = ""
                if isinstance(error, EcrPushError) and not isinstance(error, SettingsError):
                    news = "" if error.what in reported else f"failed as well: {error.what}"
            else:
                news = "was ended: nothing was pushed"
            self._permission.withdraw()
            wait([self._built], _ENDING_SECONDS)
        if news and not self._is_wanted:
            self._tools.narrator.say(f"the build, which had begun meanwhile, {news}")

    def _build(self, builders: Builders) -> BuiltImage:
        builder = builders.choose(self._plan.build)
        self._plan = _with_builders_platform(self._plan, builders, self._narrator)
        self._ready.set_result(builder)
        return self.again()

    def _login(self) -> Login:
        """Docker asks for it when it pushes, or reads a base image in the same registry."""
        self._permission.wait()
        found = self._tools.login(self._client)
        self._logins.append(found)
        return found


def _with_builders_platform(plan: Plan, builders: Builders, narrator: Narrator) -> Plan:
    """plan, whose image says for which platform its builder builds, if no platform is named."""
    if plan.build.platforms or plan.build.is_built_elsewhere:
        return plan
    own = builders.default_platform(plan.build).result() or builders.started_platform(plan.build)
    for left_out in annotations_of_others(plan.build.annotations, (own,) if own else ()):
        narrator.warn(f"an annotation is left out: {left_out}")
    return replace(plan, build=replace(plan.build, labels={**plan.build.labels, BUILDER_PLATFORM_LABEL: own}))
