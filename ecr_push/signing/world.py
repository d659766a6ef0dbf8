"""What signing needs of the world that a run works in; `pipeline.context.Tools` has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator, Redactor
from ecr_push.registry.interface import Login, Reader


class World(Protocol):
    """aws_environ: the run's credentials, as variables. identity_token: see `ci.identity_token`."""

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def narrator(self) -> Narrator: ...

    @property
    def redactor(self) -> Redactor: ...

    @property
    def aws_environ(self) -> Callable[[], Mapping[str, str]]: ...

    @property
    def identity_token(self) -> Callable[[], str]: ...

    def login(self, client: Reader) -> Login: ...
