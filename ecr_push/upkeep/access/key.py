"""What the KMS key of a repository takes away from an answer. Pure.

ECR uses the key by grants of its own, so that who pulls or pushes needs no permission of KMS. But a key that
is disabled, a grant that was revoked, and a key policy that denies, which wins over every grant, end both.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecr_push.base.iam.document import Patterns
from ecr_push.base.iam.kinds import KEY
from ecr_push.base.iam.pattern import action_matches
from ecr_push.base.iam.read import PolicyError, read_policy_text
from ecr_push.registry.key_access import ENABLED, KeyAccess
from ecr_push.upkeep.access.answer import Answer

STATE, GRANTS, POLICY = "the state of its KMS key", "the grants of its KMS key", "the policy of its KMS key"
LACKS_KEY = "KMS key"
# The operations of ECR that read layers or manifests, and those that answer with KmsException in its model.
_NEEDS = {
    **dict.fromkeys(("BatchGetImage", "GetDownloadUrlForLayer"), "Decrypt"),
    **dict.fromkeys(
        ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"), "GenerateDataKey"
    ),
}


def with_key(answers: Iterable[Answer], key: KeyAccess) -> tuple[Answer, ...]:
    """The answers, as far as they hold with this key: none of them gets better."""
    return tuple(_with_key(one, key) for one in answers)


def _with_key(found: Answer, key: KeyAccess) -> Answer:
    operation = _NEEDS.get(found.action.removeprefix("ecr:"))
    if operation is None or found.verdict == "no":
        return found
    if key.state not in ("", ENABLED):
        why = f"its KMS key {key.key} is {key.state}"
        return Answer(found.action, found.resource, "no", why, lacking=LACKS_KEY)
    unknown = tuple(_unknown(key, operation))
    if not unknown:
        return found
    before = f"{found.why.removeprefix('depends on ')} and " if found.verdict == "depends" else ""
    return replace(
        found,
        verdict="depends",
        why=f"depends on {before}{' and '.join(unknown)}",
        depends_on=(*found.depends_on, *unknown),
    )


def _unknown(key: KeyAccess, operation: str) -> Iterator[str]:
    if not key.state:
        yield STATE
    elif not key.managed:
        if not key.granted or not any(one.startswith(operation) for one in key.granted):
            yield GRANTS
        if key.policy is None or _may_deny(key.policy, f"kms:{operation}"):
            yield POLICY


def _may_deny(text: str, action: str) -> bool:
    """Whether a statement denies it to anyone: to whom ECR is, no documentation says."""
    try:
        policy = read_policy_text(text, KEY, POLICY)
    except PolicyError:
        return True
    return any(not one.allows and _names(one.actions, action) for one in policy.statements)


def _names(actions: Patterns, action: str) -> bool:
    return any(action_matches(one, action) for one in actions.patterns) != actions.negated
