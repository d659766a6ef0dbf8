"""A warning where the repository's lifecycle policy will delete or archive what the run releases.

A promotion makes an image no younger, so that `expire sha-* after 30 days` takes each release, too. It is
asked beside the scan. The end of the run waits for the answer, so that each run warns or none does; not for
long, since it is a warning alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from datetime import datetime, timedelta
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.pipeline.context import Tools
from ecr_push.registry.interface import Reader
from ecr_push.tags.kinds import ReleaseTag, TagKind

_PATIENCE_SECONDS = 10.0  # at the end of a run whose scan was there at once
_NEEDED = (TagKind.VERSION, TagKind.LINE, TagKind.LATEST)


def ask_for_lifecycle(tags: Sequence[ReleaseTag], client: Reader, tools: Tools) -> Callable[[], None]:
    """Starts to ask, where a version is released. Returns what warns; it raises nothing.

    Who may not read the policy is not warned.
    """
    if not any(tag.kind is TagKind.VERSION for tag in tags):
        return lambda: None
    look = partial(_warning, tags, client, tools.clock.now())
    asked = background.start(look, "read lifecycle policy")

    def warn() -> None:
        if wait([asked], _PATIENCE_SECONDS).done and not asked.exception() and (text := asked.result()):
            tools.narrator.warn(text)

    return warn


def _warning(tags: Sequence[ReleaseTag], client: Reader, now: datetime) -> str:
    text = ""
    with contextlib.suppress(RegistryError):  # ECR Public has none, and not every role may read it
        text = client.lifecycle.policy()
    if not text:
        return ""
    # Loaded where there is a policy alone.
    from ecr_push.upkeep.lifecycle.claim import rule_that_takes
    from ecr_push.upkeep.lifecycle.model import COUNT
    from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
    from ecr_push.upkeep.lifecycle.sentences import sentence_of

    try:
        policy = read_lifecycle_policy(text)
    except LifecyclePolicyError:  # of a later ECR, which knows more
        return ""
    needed = [tag.tag.name for tag in tags if tag.kind in _NEEDED]
    rule = rule_that_takes(policy, [tag.tag.name for tag in tags], needed)
    if rule is None:
        return ""
    verb = "delete" if rule.action == "expire" else "archive"
    if rule.count_type == COUNT:
        when = f"when {rule.number} newer ones are there"
    elif rule.count_type == "sinceImagePushed":
        when = f"on {now + timedelta(days=rule.number + 1):%Y-%m-%d}"
    else:
        when = f"when no one has pulled it for {rule.number} days"
    return (
        f"the repository's lifecycle policy will {verb} {needed[0]} {when}: rule {rule.priority} "
        f"({sentence_of(rule)}) selects it by another tag than its version; put a rule before it that keeps "
        "versions, such as `keep last 20 of *.*.*`, and see `ecr-push lifecycle test`"
    )
