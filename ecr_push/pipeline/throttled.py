"""A build or a push that the registry answered with too many requests (HTTP 429), done again after a pause.

BuildKit repeats a request six times within 0.1 s and ignores Retry-After, and ECR allows 10 PutImage a second
in an account and region, which many pipelines share.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TypeVar

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.regex import lazy_regex
from ecr_push.pipeline.context import Tools

T = TypeVar("T")

# Seconds, and up to as much again: pipelines that were refused together must not come back together.
_PAUSES = (2.0, 5.0, 15.0)
_TOO_MANY = lazy_regex(r"\b429\b|too ?many ?requests", re.IGNORECASE)


def unless_throttled(do: Callable[[], T], host: str, tools: Tools, again: Callable[[], T] | None = None) -> T:
    """The result of do, or of again (do, by default) where host refused it with 429.

    Raises the last error.

    What was built already comes from the builder's cache, what was pushed already is not sent again.
    """
    for pause in _PAUSES:
        try:
            return do()
        except (BuildError, RegistryError) as error:
            if not _is_throttled(error, host):
                raise
        seconds = pause * (1 + random.random())  # noqa: S311 - not for secrets
        tools.narrator.warn(f"{host} answered that it has too many requests: again in {seconds:.0f} s")
        tools.clock.sleep(seconds)
        do = again or do
    return do()


def _is_throttled(error: BuildError | RegistryError, host: str) -> bool:
    """Another registry, such as the base image's, may mean a quota of hours."""
    return any(host in line and _TOO_MANY.search(line) for line in f"{error.what} {error.why}".splitlines())
