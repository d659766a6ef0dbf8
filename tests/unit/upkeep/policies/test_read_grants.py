"""Who may do what, as a file says it: lists, single values, and every mistake with its line."""

from __future__ import annotations

import pytest

from ecr_push.base.iam.ecr_actions import ACTIONS
from ecr_push.upkeep.file import MistakesError
from ecr_push.upkeep.policies.model import PULL, PULL_THROUGH, PUSH, REGISTRY_VERBS, REPLICATE
from tests.support.policies import grants


def words(verb: str, text: str, registry: bool = False) -> list[str]:
    found = grants(verb, text, REGISTRY_VERBS) if registry else grants(verb, text)
    return [one.words for one in found]


def test_the_actions_are_those_of_ecr() -> None:
    assert {*PULL, *PUSH, *PULL_THROUGH, *REPLICATE} <= {f"ecr:{one}" for one in ACTIONS}


def test_values() -> None:
    assert words("pull", "none") == words("pull", "[]") == []
    assert words("pull", "111122223333") == ["111122223333"]
    assert words("pull", "[012345678901, lambda, org:o-a1b2c3d4e5, 012345678901]") == [
        "012345678901",
        "lambda:123456789012",
        "org:o-a1b2c3d4e5",
    ]
    assert words("replicate-from", "[111122223333 on prod-*]", registry=True) == ["111122223333 on prod-*"]


def test_every_mistake_has_its_line() -> None:
    with pytest.raises(MistakesError) as refused:
        grants("pull", "\n- 111\n- 111122223333\n- org: o-a1b2c3d4e5\n- [lambda]\n-\n- none")
    lines, texts = zip(*refused.value.problems, strict=True)
    assert lines == (2, 4, 5, 6, 7)
    assert texts[1] == ("'org: o-a1b2c3d4e5' is a map in YAML: write org:o-a1b2c3d4e5, without a space")
    assert texts[2] == texts[3] == "expected a principal, not a list, a map or nothing"


@pytest.mark.parametrize(
    ("verb", "text", "registry", "says"),
    [
        ("push", "everyone", False, "nothing but pulls from one repository may be open to the world"),
        ("pull", "everyone", True, "nothing but pulls from one repository may be open to the world"),
        ("push", "codebuild", False, "CodeBuild pushes with the service role of the project: name its ARN"),
        ("push", "lambda", False, "Lambda does not push"),
        ("pull", "111122223333 on team/*", False, "`on` belongs in the registry's policy"),
        ("pull", "111122223333 on Team", True, "'Team' is not a pattern of names"),
        ("replicate-from", "org:o-a1b2c3d4e5", True, "images are replicated from an account"),
        ("replicate-from", "arn:aws:iam::111122223333:role/a", True, "images are replicated from an account"),
        ("pull-through", "lambda", True, "Lambda does not pull through a cache rule"),
    ],
)
def test_who_cannot_have_it(verb: str, text: str, registry: bool, says: str) -> None:
    with pytest.raises(MistakesError) as refused:
        words(verb, text, registry)
    assert says in str(refused.value)
