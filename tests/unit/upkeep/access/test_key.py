"""A repository's KMS key: what it takes away, and that nothing that is not known is a yes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ecr_push.registry.key_access import DELETED, ENABLED, KeyAccess
from ecr_push.upkeep.access.answer import Answer
from ecr_push.upkeep.access.key import GRANTS, LACKS_KEY, POLICY, STATE, with_key

ARN = "arn:aws:kms:eu-west-1:123456789012:key/1"
PULL, PUSH = "ecr:GetDownloadUrlForLayer", "ecr:PutImage"
LOOK = "ecr:DescribeImages"
YES = {action: Answer(action, "arn", "yes", "a statement") for action in (PULL, PUSH, LOOK)}


def policy(*statements: dict[str, Any]) -> str:
    whole = [{"Principal": {"AWS": "*"}, "Resource": "*", **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


ALLOWS = {"Effect": "Allow", "Action": "kms:*"}
FINE = KeyAccess(ARN, ENABLED, granted=frozenset({"Decrypt", "GenerateDataKey"}), policy=policy(ALLOWS))
DENIES_DELETION = policy(ALLOWS, {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion"})
DENIES_DECRYPTION = policy(ALLOWS, {"Effect": "Deny", "Action": "kms:Decrypt"})
DENIES_ALL_BUT_ONE = policy(ALLOWS, {"Effect": "Deny", "NotAction": "kms:DescribeKey"})


@pytest.mark.parametrize(
    ("key", "pull", "push"),
    [
        (FINE, (), ()),
        (KeyAccess(ARN, ENABLED, managed=True), (), ()),
        (KeyAccess(ARN), (STATE,), (STATE,)),
        (replace(FINE, granted=None), (GRANTS,), (GRANTS,)),
        (replace(FINE, granted=frozenset()), (GRANTS,), (GRANTS,)),
        (replace(FINE, granted=frozenset({"Decrypt"})), (), (GRANTS,)),
        (replace(FINE, granted=frozenset({"Decrypt", "GenerateDataKeyWithoutPlaintext"})), (), ()),
        (replace(FINE, policy=None), (POLICY,), (POLICY,)),
        (replace(FINE, policy="no JSON"), (POLICY,), (POLICY,)),
        (replace(FINE, policy=DENIES_DELETION), (), ()),
        (replace(FINE, policy=DENIES_DECRYPTION), (POLICY,), ()),
        (replace(FINE, policy=DENIES_ALL_BUT_ONE), (POLICY,), (POLICY,)),
        (replace(FINE, granted=None, policy=None), (GRANTS, POLICY), (GRANTS, POLICY)),
    ],
)
def test_what_a_pull_and_a_push_depend_on(
    key: KeyAccess, pull: tuple[str, ...], push: tuple[str, ...]
) -> None:
    found = {one.action: one for one in with_key(YES.values(), key)}
    for action, unknown in ((PULL, pull), (PUSH, push), (LOOK, ())):
        assert (found[action].verdict, found[action].depends_on) == ("depends" if unknown else "yes", unknown)
        assert found[action].why == (f"depends on {' and '.join(unknown)}" if unknown else "a statement")


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "Unavailable", DELETED])
def test_a_key_that_cannot_be_used_is_a_no(state: str) -> None:
    found = {one.action: one for one in with_key(YES.values(), replace(FINE, state=state))}
    assert (found[PULL].verdict, found[PUSH].verdict, found[LOOK].verdict) == ("no", "no", "yes")
    assert (found[PULL].why, found[PULL].lacking) == (f"its KMS key {ARN} is {state}", LACKS_KEY)


def test_no_answer_gets_better() -> None:
    refused = Answer(PULL, "arn", "no", "denied by a statement")
    depends = Answer(PUSH, "arn", "depends", "depends on aws:SourceVpce", depends_on=("aws:SourceVpce",))
    assert with_key([refused, depends], FINE) == (refused, depends)
    first, second = with_key([refused, depends], KeyAccess(ARN))
    assert first == refused
    assert (second.why, second.depends_on) == (
        f"depends on aws:SourceVpce and {STATE}",
        ("aws:SourceVpce", STATE),
    )
