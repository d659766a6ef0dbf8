"""One call of AWS, or all pages of it, by a client of `session`. Errors are those of `errors`."""

from __future__ import annotations

from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.errors import AwsUnreachableError, action_of, translated

ATTEMPTS_AT_A_WHOLE_ANSWER = 3


def call(client: Any, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """Call an operation by its Python name. Raises as `errors.translated` does.

    An answer that was cut off on its way arrives as an empty success: botocore takes a body that it cannot
    parse for one without members. Every answer that we ask for here has some, so an empty one is never an
    answer; every call that we make may be repeated.
    """
    for _ in range(ATTEMPTS_AT_A_WHOLE_ANSWER):
        answer = call_for_any_answer(client, operation, **parameters)
        if answer.keys() - {"ResponseMetadata"}:
            return answer
    raise AwsUnreachableError(
        f"the answer to {action_of(client, operation)} was cut off",
        remedy="run again; if it happens again, check the proxies between this machine and AWS",
    )


def call_for_any_answer(client: Any, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """Do as `call` does, for an operation whose answer may be empty."""
    with translated(client, operation, parameters):
        answer: dict[str, Any] = getattr(client, operation)(**parameters)
    return answer


def pages(client: Any, operation: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """Return every page of a paged operation. Raises as `call` does."""
    found = []
    token: dict[str, Any] = {}
    while True:
        page = call(client, operation, **parameters, **token)
        found.append(page)
        if not page.get("nextToken"):
            return found
        if page["nextToken"] == token.get("nextToken"):
            raise RegistryError(f"{action_of(client, operation)} returns the same page again and again")
        token = {"nextToken": page["nextToken"]}
