"""AWS without a wire: botocore's own clients, which check parameters, with answers from a table."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from ecr_push.registry.aws.sdk_data import new_session
from ecr_push.registry.aws.session import ATTEMPTS, Access, Aws


def refused(code: str, status: int = 400, message: str = "because", operation: str = "") -> ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, operation)


@cache
def _session() -> Any:
    """One for all: it reads the service models once."""
    session = new_session(region="eu-west-1")
    session.set_credentials("key", "dummy")
    return session


class StubAws(Aws):
    """Answers operations from a table, by their name in the API; log lists them with their parameters.

    An answer is a mapping, an exception to raise, a list of them to give in turn (the last one stays), or a
    function of the parameters. An operation that is not in the table is refused: AccessDeniedException.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(Access(region="eu-west-1"))
        self._answers = {name: one[:] if isinstance(one, list) else one for name, one in answers.items()}
        self._seen: set[int] = set()
        self.log: list[tuple[str, dict[str, Any]]] = []
        self._own = threading.local()  # of the call that this thread makes: others are under way beside it

    @property
    def operations(self) -> list[str]:
        return [name for name, _ in self.log]

    def _open(self) -> Any:
        return _session()

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        client = super().client(service, region=region, attempts=attempts)
        if id(client) not in self._seen:
            self._seen.add(id(client))
            client.meta.events.register("before-parameter-build", self._record)
            client.meta.events.register("before-call", self._answer)
        return client

    def _record(self, params: dict[str, Any], model: Any, **rest: Any) -> None:
        self._own.parameters = dict(params)
        self.log.append((model.name, self._own.parameters))

    def _answer(self, model: Any, **rest: Any) -> tuple[Any, Mapping[str, Any]]:
        answer = self._answers.get(model.name, refused("AccessDeniedException", operation=model.name))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(self._own.parameters)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(status_code=200), answer
