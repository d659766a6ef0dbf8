"""One call of AWS, or all pages of it, by a client of `session`. Errors are those of `errors`."""

from __future__ import annotations

from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.base.shape import optional_text
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError, action_of, translated
from ecr_push.registry.aws.failures import ItemsRefusedError, refused_items
from ecr_push.registry.aws.odd import answer_to

ATTEMPTS_AT_A_WHOLE_ANSWER = 3
# The most pages that are read. A repository has at most 100,000 images, in pages of up to 1,000:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
MOST_PAGES = 1000


def call(client: Any, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """Call an operation by its Python name.

    Raises as `errors.translated` does; and ItemsRefusedError where a batch was refused in part, unless only
    because an item is not there, which is an answer.

    An answer that was cut off on its way arrives as an empty success: botocore takes a body that it cannot
    parse for one without members. Every answer that we ask for here has some, so an empty one is never an
    answer. A refusal that was cut off has no code. Every call that we make may be repeated.
    """
    for left in reversed(range(ATTEMPTS_AT_A_WHOLE_ANSWER)):
        try:
            answer = call_for_any_answer(client, operation, **parameters)
        except AwsRefusedError as refused:
            if refused.is_cut_off and left:
                continue
            raise
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
    if refused := refused_items(answer):
        raise ItemsRefusedError(action_of(client, operation), refused)
    return answer


def pages(client: Any, operation: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """Return every page of a paged operation. Raises as `call` does."""
    found = []
    seen = set[str]()
    token: dict[str, Any] = {}
    while True:
        page = call(client, operation, **parameters, **token)
        found.append(page)
        with answer_to(action_of(client, operation)):
            following = optional_text(page, "nextToken")
        if not following:
            return found
        if following in seen:  # in a circle, of any length
            raise RegistryError(f"{action_of(client, operation)} returns the same page again and again")
        if len(found) >= MOST_PAGES:
            raise RegistryError(f"{action_of(client, operation)} has no last page: {len(found)} were read")
        seen.add(following)
        token = {"nextToken": following}
