"""What is refused in a policy, with its place, and all of it at once; sentences and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.sandbox.lifecycle import read_policy as sandbox_takes
from ecr_push.upkeep.lifecycle.model import LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import as_json, rule_of, sentence_of
from ecr_push.upkeep.lifecycle.text import read_policy_text
from tests.support.lifecycle import policies

NUMBER = "a whole number, 1 or more"
FORMS = "the rules are: keep WHAT; keep last N of WHAT"
RULE: dict[str, Any] = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "tagged",
        "tagPatternList": ["v*"],
        "countType": "imageCountMoreThan",
        "countNumber": 2,
    },
    "action": {"type": "expire"},
}


def changed(rule: dict[str, Any] | None = None, **selection: Any) -> dict[str, Any]:
    """RULE with members replaced, or left out where `...`."""
    merged = {**RULE["selection"], **selection}
    kept = {name: value for name, value in merged.items() if value is not ...}
    found = {**RULE, "selection": kept, **(rule or {})}
    return {name: value for name, value in found.items() if value is not ...}


AGE = {"countType": "sinceImagePushed", "countUnit": "days"}
PULLED = {"countType": "sinceImagePulled", "countUnit": "days"}
ARCHIVED = {
    "countType": "sinceImageTransitioned",
    "countUnit": "days",
    "storageClass": "archive",
    "countNumber": 90,
}
ARCHIVE = {"action": {"type": "transition", "targetStorageClass": "archive"}}
ANY = {"tagStatus": "any", "tagPatternList": ...}
UNTAGGED = {"tagStatus": "untagged", "tagPatternList": ...}

S, A = "rules[0].selection", "rules[0].action"
REFUSED: list[tuple[Any, list[str]]] = [
    ([], ["rules is a list of 0, expected a list of 1 to 50 rules"]),
    ([RULE] * 51, ["rules is a list of 51, expected a list of 1 to 50 rules"]),
    ("all", ["rules is 'all', expected a list of 1 to 50 rules"]),
    (["keep"], ["rules[0] is 'keep', expected an object"]),
    ([changed({"rulePriority": 0})], ["rules[0].rulePriority is 0, expected " + NUMBER]),
    ([changed({"rulePriority": True})], ["rules[0].rulePriority is True, expected " + NUMBER]),
    ([changed({"rulePriority": ...})], ["rules[0].rulePriority is absent, expected " + NUMBER]),
    ([changed({"note": "x"})], ["rules[0].note is not known"]),
    ([changed({"discription": "x"})], ["rules[0].discription is not known; did you mean 'description'?"]),
    ([changed({"description": 3})], ["rules[0].description is 3, expected text"]),
    ([changed({"action": "expire"})], [A + " is 'expire', expected an object"]),
    (
        [changed({"action": {"type": "forget"}})],
        [A + ".type is 'forget', expected expire or"],
    ),
    (
        [changed({"action": {"type": "transition"}})],
        [A + ".targetStorageClass is absent, expected archive, as type is transition"],
    ),
    (
        [changed({"action": {"type": "expire", "targetStorageClass": "archive"}})],
        [A + ".targetStorageClass cannot be with type expire"],
    ),
    ([changed(countNumber="2")], [S + ".countNumber is '2', expected " + NUMBER]),
    (
        [changed(countUnit="days")],
        [S + ".countUnit cannot be with countType image"],
    ),
    ([changed(**{**AGE, "countUnit": "hours"})], [S + ".countUnit is 'hours', expected days"]),
    ([changed(**{**AGE, "countUnit": ...})], [S + ".countUnit is absent, expected days"]),
    ([changed(tagPatternList="v*")], [S + ".tagPatternList is 'v*', expected a list of texts"]),
    ([changed(tagPatternList=["v*", 1])], [S + ".tagPatternList has 1, expected texts"]),
    ([changed(tagPatternList=[""])], [S + ".tagPatternList has '', expected texts, none of them empty"]),
    ([changed(tagPatternList=["*a*b*c*d*"])], ["'*a*b*c*d*' has more than 4 wildcards (*)"]),
    (
        [changed(tagPatternList=...)],
        [S + " has no tagPatternList: tagStatus tagged"],
    ),
    ([changed(tagPrefixList=["v"])], [S + " has both tagPatternList and tagPrefixList"]),
    (
        [changed(tagStatus="untagged")],
        [S + ".tagPatternList cannot be with tagStatus untagged"],
    ),
    ([changed(storageClass="archive")], [S + ".storageClass has to be standard with"]),
    (
        [changed(**{**ARCHIVED, "storageClass": ...})],
        [S + ".storageClass has to be archive with"],
    ),
    ([changed(**{**ARCHIVED, "countNumber": 89})], ["countNumber is 89; what is archived stays 90 days"]),
    ([changed(**PULLED)], [A + ".type has to be transition with countType sinceImagePulled"]),
    (
        [changed(ARCHIVE, **ARCHIVED)],
        [A + ".type has to be expire with countType"],
    ),
    ([RULE, RULE], ["2 rules have rulePriority 1; each needs its own"]),
    (
        [changed(**ANY), changed({"rulePriority": 2})],
        ["rules[0] has tagStatus any: its rulePriority has to be the highest of storage class standard"],
    ),
    (
        [changed(**UNTAGGED), changed({"rulePriority": 2}, **UNTAGGED)],
        ["selects untagged images of storage class standard, and so does rules[0]"],
    ),
    (
        [
            changed(tagPatternList=..., tagPrefixList=["v"]),
            changed({"rulePriority": 2}, tagPatternList=..., tagPrefixList=["v", "w"]),
        ],
        ["2 rules of storage class standard have the prefix 'v'"],
    ),
    (
        [changed({"rulePriority": "1", "action": {"type": "keep"}}, countNumber=0)],
        [
            "rules[0].rulePriority is '1'",
            S + ".countNumber is 0",
            A + ".type is 'keep'",
        ],
    ),
]


@pytest.mark.parametrize(("rules", "problems"), REFUSED)
def test_what_is_refused(rules: Any, problems: list[str]) -> None:
    text = json.dumps({"rules": rules}).ljust(100)
    with pytest.raises(LifecyclePolicyError) as refused:
        read_lifecycle_policy(text)
    assert len(refused.value.problems) == len(problems), refused.value.problems
    for found, expected in zip(refused.value.problems, problems, strict=True):
        assert expected in found
    # So does the sandbox, whose own reading shares no code with this one.
    with pytest.raises(ValueError, match=r"."):
        sandbox_takes(text)


@pytest.mark.parametrize(
    "rules",
    [
        [RULE],
        [changed(**AGE)],
        [changed(ARCHIVE, **PULLED)],
        [changed(ARCHIVE, **ANY), changed({"rulePriority": 2}, **{**ARCHIVED, **ANY})],
        [changed({"rulePriority": 7}, **UNTAGGED), changed({"rulePriority": 3, "description": "x"})],
    ],
)
def test_what_is_taken(rules: list[Any]) -> None:
    text = json.dumps({"rules": rules}, indent=8)
    policy = read_lifecycle_policy(text)
    assert [rule.priority for rule in policy.rules] == sorted(rule["rulePriority"] for rule in rules)
    assert read_lifecycle_policy(as_json(policy)) == policy
    sandbox_takes(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{" + " " * 100, "the policy is not JSON: "),
        ("[" * 5000, "the policy is not JSON: nested too deeply"),
        ("[]" + " " * 100, "the policy is an empty list, expected an object"),
        ('{"rules": []}', "the policy has 13 characters; ECR takes 100 to 30,720"),
        ("# nothing\n", "the policy has no rule"),
        ("keep last 5", "line 1: 'keep last 5' is not a rule; the rules are: keep WHAT; keep last N of WHAT"),
        (
            "expire any and v* after 3 days",
            "line 1: 'any and v*': `any` and `untagged`",
        ),
        ("expire a* after 0 days", "line 1: 'expire a* after 0 days' is not a rule"),
        ('keep "latest"', "line 1: '\"latest\"' selects no tag: a tag has up to 128 letters"),
        ("keep last 3 of v[0-9]*", "line 1: 'v[0-9]*' selects no tag"),
        ("keep 1.4 and 1.?", "line 1: '1.?' selects no tag"),
        (f"keep {'1' * 129}", "selects no tag"),
        ("keep a\n\nexpire *a*b*c*d* after 3 days", "line 3: '*a*b*c*d*' has more than 4 wildcards"),
        ("expire any after 3 days\nkeep latest", "line 1: has tagStatus any"),
        ("expire archived any after 30 days", "line 1: is 30; what is archived stays 90 days"),
    ],
)
def test_what_is_refused_in_a_text(text: str, problem: str) -> None:
    with pytest.raises(LifecyclePolicyError) as refused:
        read_policy_text(text)
    assert problem in "; ".join(refused.value.problems)


def test_a_policy_of_sentences() -> None:
    policy = read_policy_text(
        """
        # What people pull by name.
        - keep latest
        - keep last 20 of *.*.*
        expire candidate-* after 3 days     # refused ones
        expire   untagged after 1 day
        archive any not pulled for 90 days
        expire archived any after 365 days
        """
    )
    assert [sentence_of(rule) for rule in policy.rules] == [
        "keep latest",
        "keep last 20 of *.*.*",
        "expire candidate-* after 3 days",
        "expire untagged after 1 day",
        "archive any not pulled for 90 days",
        "expire archived any after 365 days",
    ]
    assert [rule.priority for rule in policy.rules] == [1, 2, 3, 4, 5, 6]


def test_a_prefix_is_shown_as_a_pattern() -> None:
    rule = Rule(1, "tagged", "sinceImagePushed", 2, prefixes=("rc-", "v"))
    assert sentence_of(rule) == "expire rc-* and v* after 2 days"


@given(policies())
def test_sentences_and_json_mean_the_same(policy: LifecyclePolicy) -> None:
    assert read_lifecycle_policy(as_json(policy)) == policy
    for rule in policy.rules:
        assert rule_of(sentence_of(rule), rule.priority) == rule


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    try:
        read_policy_text(text)
    except LifecyclePolicyError as refused:
        assert refused.problems


def test_rules_that_are_wrong_hide_nothing_about_the_others() -> None:
    any_of = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}
    expire = {"type": "expire"}
    rules = [
        {"rulePriority": 1, "selection": any_of, "action": expire},
        {"rulePriority": 2, "selection": {**any_of, "tagStatus": "untagged"}, "action": expire},
        {"rulePriority": 2, "selection": {**any_of, "tagStatus": "tagged"}, "action": expire},
    ]
    with pytest.raises(LifecyclePolicyError) as refused:
        read_lifecycle_policy(json.dumps({"rules": rules}))
    assert [one.split(" ")[0] for one in refused.value.problems] == [
        "rules[2].selection",
        "rules",
        "rules[0]",
    ]
