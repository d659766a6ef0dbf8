"""A stand-in for docker: a builder that puts images into a `FakeRepository`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.destination import Kept
from ecr_push.builder.interface import Builders, BuiltImage
from ecr_push.builder.permission import Permission, WithdrawnError
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login
from ecr_push.registry.oci import Manifest
from tests.support.fakes import FakeRepository


def no_builders(environ: Mapping[str, str]) -> Builders:
    raise AssertionError("nothing is built here")


class FakeBuilders:
    """One builder, which builds and pushes in one go, as buildx does. log lists what it was asked for.

    image: what the build makes. error: raised instead of a build. began: set when a build has begun.
    """

    def __init__(self, target: FakeRepository, image: Manifest, error: Exception | None = None) -> None:
        self.target = target
        self.image = image
        self.error = error
        self.before_push: list[Exception] = []  # one for each build
        self.after_push: Exception | None = None
        self.log: list[str] = []
        self.began = Event()
        self.platform = "linux/amd64"
        self.started = True
        self.environ: dict[str, str] = {}
        self.checks: tuple[BuildCheck, ...] = ()
        self._login: Callable[[], Login] | None = None

    def find(self, environ: Mapping[str, str]) -> FakeBuilders:
        self.environ = dict(environ)
        return self

    @contextmanager
    def logged_in(self, host: str, login: Callable[[], Login], narrator: Narrator) -> Iterator[FakeBuilders]:
        self._login = login
        try:
            yield self
        finally:
            self._login = None

    def docker_environ(self) -> dict[str, str]:
        return self.environ

    def default_platform(self, plan: BuildPlan) -> Future[str]:
        found: Future[str] = Future()
        found.set_result(self.platform if self.started else "")
        return found

    def started_platform(self, plan: BuildPlan) -> str:
        return self.platform

    def check(self, plan: BuildPlan | None, *, runs_image: bool = False) -> None: ...

    def described(self) -> str:
        return "a builder of this test"

    def planned(self, plan: BuildPlan) -> str:
        return "a builder of this test"

    def container_program(self) -> str:
        return "docker"

    def choose(self, plan: BuildPlan) -> FakeBuilders:
        return self

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        self.log.append("build")
        self.began.set()
        if self.error:
            raise self.error
        assert self._login, "a push needs a login"
        try:
            self._login()
        except WithdrawnError:
            self.log.append("ended")
            raise
        if self.before_push:
            raise self.before_push.pop()
        self.target.push(self.image, candidate, plan.labels)
        if self.after_push:
            raise self.after_push
        return BuiltImage(
            *(repository.tagged(candidate), "fake", self.image.digest.value, self.image.media_type),
            self.checks,
        )

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return Digest(built.digest)

    def keep(self, plan: BuildPlan, kept: Kept) -> BuiltImage:
        self.log.append(f"keep {' '.join((*kept.outputs, *kept.names))}" if kept.outputs else "check")
        if self.error:
            raise self.error
        return BuiltImage("", "fake", self.image.digest.value, checks=self.checks)

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        self.log.append("call check")
        return self.checks
