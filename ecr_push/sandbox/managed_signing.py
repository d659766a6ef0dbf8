"""Who may sign: ECR signs an image as the one who pushes it, by each profile with a rule for the repository.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug import Request

from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import CallerIdentity
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.permissions.need import Need
from ecr_push.sandbox.state import State
from ecr_push.sandbox.wildcard import matches

CONFIGURATION = "signing"  # in RegistrySettings.extra


def profiles(state: State, repository: str) -> Iterator[str]:
    """The ARNs of the signing profiles for a repository, each once."""
    found = []
    for rule in (state.settings.extra.get(CONFIGURATION) or {"rules": []})["rules"]:
        filters = [one["filter"] for one in rule.get("repositoryFilters", [])]
        if not filters or any(matches(one, repository) for one in filters):
            found.append(rule["signingProfileArn"])
    return iter(dict.fromkeys(found))


def note_who_signs(
    state: State, guard: Guard, pusher: CallerIdentity, request: Request, repository: str, digest: str
) -> None:
    """Keeps with which profiles the one who has pushed an image may not sign: the push itself succeeds.

    That follows from the statuses of DescribeImageSigningStatus; no document says it. Nor does one say what
    becomes of an image that gets another tag: here that is a push, too, and the last one counts.
    """
    refused = {}
    for profile in profiles(state, repository):
        try:
            guard.check("ecr", pusher, [Need("signer:SignPayload", profile, _account_of(profile))], request)
        except EcrError as error:
            refused[profile] = error.message
    state.images.note_unsigned(repository, digest, refused)


def _account_of(arn: str) -> str:
    return arn.split(":")[4]
