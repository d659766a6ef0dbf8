"""Files with principals and policies, and the mistakes in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.sandbox.permissions.setup import Setup, parse_setup
from ecr_push.sandbox.scenario import ScenarioError, parse_scenario

ARN = "arn:aws:iam::123456789012:user/ci"
ROLE = "arn:aws:iam::123456789012:role/deploy"
PUSH = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ARN}}]}
FILES = {"push.json": json.dumps(PUSH), "trust.json": json.dumps(TRUST), "odd.json": "{"}


def parsed(document: Any, files: Mapping[str, str] = FILES) -> tuple[Setup, list[str]]:
    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[name].encode()

    return parse_setup(json.dumps(document), read)


def test_a_whole_file() -> None:
    setup, problems = parsed(
        {
            "principals": [
                {"arn": ARN, "access-key": "KEY", "policies": ["push.json"], "tags": {"team": "pay"}},
                {"arn": ROLE, "policies": [PUSH], "boundary": "push.json", "trust": "trust.json"},
            ],
            "organization": [["push.json"], [PUSH, PUSH]],
            "context": {"aws:PrincipalOrgID": "o-abc", "k": ["a", "b"]},
        }
    )
    assert problems == []
    user, role = setup.principals
    assert (setup.of_key("KEY"), setup.of_arn(ROLE), setup.of_key("")) == (user, role, None)
    assert (user.policies[0].name, user.boundary, user.tags) == ("push.json", None, {"team": "pay"})
    assert role.policies[0].name == "a policy of role/deploy"
    assert (len(role.boundary or ()), len(role.trust), role.name) == (1, 1, "deploy")
    assert [len(level) for level in setup.scps] == [1, 2]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "the file is empty: expected principals"),
        ([], "the file is empty"),
        ([1], "the file is [1]: expected a mapping of principals"),
        ({"principal": []}, "unknown key 'principal'; did you mean 'principals'?"),
        ({"principals": {}}, "principals is {}: expected a list"),
        ({"principals": [{"arn": "ci"}]}, "principals[0].arn is 'ci': expected the ARN of a user or a role"),
        ({"principals": [{"arn": ARN, "key": "x"}]}, "principals[0] has an unknown key 'key'"),
        ({"principals": [{"arn": ARN, "policies": ["no.json"]}]}, "names 'no.json': No such file"),
        (
            {"principals": [{"arn": ARN, "policies": ["odd.json"]}]},
            "policies names 'odd.json': ",
        ),
        ({"principals": [{"arn": ARN, "policies": "push.json"}]}, "policies is 'push.json': expected a list"),
        (
            {"principals": [{"arn": ARN, "policies": [PUSH, {"Statement": {"Effect": "Alow"}}]}]},
            "principals[0].policies[1] is not a valid policy: Statement.Effect is 'Alow', expected",
        ),
        ({"principals": [{"arn": ARN, "trust": TRUST}]}, "principals[0].trust is for roles"),
        (
            {"principals": [{"arn": ROLE, "trust": PUSH}]},
            "has a Resource, which a role's trust",
        ),
        ({"principals": [{"arn": ARN, "tags": {"a": 1}}]}, "tags is {'a': 1}: expected texts by name"),
        ({"principals": [{"arn": ARN}, {"arn": ARN}]}, "principals have the ARN"),
        (
            {"principals": [{"arn": ARN, "access-key": "K"}, {"arn": ROLE, "access-key": "K"}]},
            "principals have the access key 'K' twice",
        ),
        ({"principals": [], "context": {"k": 1}}, 'context is {"k": 1}: expected texts by key'),
    ],
)
def test_a_mistake(document: Any, problem: str) -> None:
    _, problems = parsed(document)
    assert any(problem in one for one in problems), problems


@pytest.mark.parametrize("text", ["{", "a: &a [*a]", "\x00"])
def test_what_is_not_yaml(text: str) -> None:
    assert parse_setup(text, lambda name: b"")[1][0].startswith("not valid YAML")


def test_a_scenario_has_policies_of_its_own_and_reads_no_files() -> None:
    principal = {"arn": ARN, "access-key": "KEY", "policies": [PUSH]}
    scenario = parse_scenario(json.dumps({"iam": {"principals": [principal]}}))
    assert scenario.iam and scenario.iam.of_key("KEY")
    assert parse_scenario("{}").iam is None
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(json.dumps({"iam": {"principals": [{**principal, "policies": ["/etc/passwd"]}]}}))
    assert "iam.principals[0].policies names '/etc/passwd': a scenario reads no files" in str(caught.value)
