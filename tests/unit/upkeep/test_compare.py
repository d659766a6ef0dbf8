"""What differs between a repository and what it is to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Change, Wanted
from ecr_push.upkeep.policies.render import repository_policy
from tests.support.policies import grants

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
NOW = RepositorySettings("a", "arn", "IMMUTABLE", ("latest",), True, "KMS", KEY, "", "", {"team": "a"})


def policy(*sentences: str) -> str:
    return as_json(read_policy_text("\n".join(sentences)))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(mutability="IMMUTABLE", exceptions=("latest",), scan_on_push=True, encryption="KMS"),
        Wanted(encryption="KMS", kms_key=KEY),
        Wanted(encryption="KMS", kms_key="alias/a"),  # ECR answers with the key's ARN
        Wanted(lifecycle="", policy="", tags={"team": "a"}),
        Wanted(tags={}),
    ],
)
def test_nothing_differs(wanted: Wanted) -> None:
    assert compare(NOW, wanted) == ()


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        (Wanted(mutability="MUTABLE"), Change("mutability", ("IMMUTABLE except latest -> MUTABLE",))),
        (Wanted(scan_on_push=False), Change("scan-on-push", ("true -> false",))),
        (
            Wanted(encryption="AES256"),
            Change("encryption", (f"KMS {KEY} -> AES256: ECR never changes it",), can_be_made=False),
        ),
        (
            Wanted(encryption="KMS", kms_key=f"{KEY}2"),
            Change("encryption", (f"KMS {KEY} -> KMS {KEY}2: ECR never changes it",), can_be_made=False),
        ),
        (Wanted(tags={"team": "b", "cost": "7"}), Change("tags", ("cost: (none) -> 7", "team: a -> b"))),
        (Wanted(lifecycle=policy("keep latest")), Change("lifecycle", ("+ keep latest",))),
    ],
)
def test_a_setting_differs(wanted: Wanted, change: Change) -> None:
    assert compare(NOW, wanted) == (change,)


def test_policies_are_compared_by_what_they_say() -> None:
    now = replace(NOW, lifecycle=policy("keep latest", "expire a* after 3 days"), policy='{"b": 1, "a": [2]}')
    spaced = Wanted(lifecycle=now.lifecycle.replace(",", ", "), policy='{"a": [2], "b": 1}')
    assert compare(now, spaced) == ()
    [lifecycle, other] = compare(
        now, Wanted(lifecycle=policy("keep latest", "expire b* after 3 days"), policy="")
    )
    assert lifecycle.lines == ("  keep latest", "- expire a* after 3 days", "+ expire b* after 3 days")
    assert other.lines[0] == "- {"


def test_a_policy_differs_by_who_may_do_what() -> None:
    arn = "arn:aws:ecr:eu-west-1:123456789012:repository/a"
    one = [*grants("pull", "[111122223333, lambda]"), *grants("push", "arn:aws:iam::111122223333:role/ci")]
    other = [*grants("pull", "[lambda, org:o-a1b2c3d4e5]")]
    now = replace(NOW, arn=arn, policy=repository_policy(one))
    assert compare(now, Wanted(policy=repository_policy([*reversed(one)]))) == ()
    [change] = compare(now, Wanted(policy=repository_policy(other)))
    assert change.lines == (
        "- pull: 111122223333",
        "  pull: lambda:123456789012",
        "- push: arn:aws:iam::111122223333:role/ci",
        "+ pull: org:o-a1b2c3d4e5",
    )
    [change] = compare(replace(now, policy=""), Wanted(policy=repository_policy(other)))
    assert change.lines == ("+ pull: lambda:123456789012", "+ pull: org:o-a1b2c3d4e5")
