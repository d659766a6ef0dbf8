"""What is rendered for ECR, and what a policy says in words: each is the other's inverse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.kinds import REGISTRY, REPOSITORY
from ecr_push.base.iam.read import PolicyError, read_policy_text
from ecr_push.upkeep.policies.model import REGISTRY_VERBS, REPOSITORY_VERBS, Grant
from ecr_push.upkeep.policies.render import registry_policy, repository_policy
from ecr_push.upkeep.policies.words import short_form, words_of
from tests.support.policies import ACCOUNT, PLACE, PRINCIPALS, PULLERS, principal

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
ROOT = "arn:aws:iam::111122223333:root"
HERE = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/"


def rendered(**words: list[str]) -> list[dict[str, Any]]:
    grants = [Grant(verb, principal(one)) for verb, texts in words.items() for one in texts]
    text = repository_policy(grants)
    read_policy_text(text, REPOSITORY, "it")
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return statements


# -- statements as AWS's documentation has them


def test_accounts_and_roles_are_one_statement() -> None:
    [statement] = rendered(pull=["111122223333", "arn:aws:iam::444455556666:role/deploy"])
    assert statement == {
        "Sid": "Pull",
        "Effect": "Allow",
        "Principal": {"AWS": [ROOT, "arn:aws:iam::444455556666:role/deploy"]},
        "Action": PULL,
    }


def test_lambda_pulls_for_functions_of_an_account() -> None:
    [statement] = rendered(pull=["lambda:111122223333"])
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert statement["Condition"] == {
        "StringLike": {"aws:SourceArn": "arn:aws:lambda:*:111122223333:function:*"}
    }


def test_codebuild_pulls_for_a_project() -> None:
    first, second = rendered(pull=["codebuild:111122223333/a", "codebuild:444455556666/b"])
    assert first["Principal"] == {"Service": "codebuild.amazonaws.com"} and first["Action"] == PULL
    assert first["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:111122223333:project/a"},
        "StringEquals": {"aws:SourceAccount": "111122223333"},
    }
    assert (first["Sid"], second["Sid"]) == ("PullCodeBuild", "PullCodeBuild2")


def test_organisations_are_everyone_with_a_condition() -> None:
    [statement] = rendered(pull=["org:o-a1b2c3d4e5", "org:o-b1b2c3d4e5"])
    assert statement["Principal"] == "*"
    assert statement["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-b1b2c3d4e5"]}
    }


def test_a_registry_is_replicated_to_from_an_account() -> None:
    text = registry_policy([Grant("replicate-from", principal("111122223333"), "prod-*")], PLACE)
    read_policy_text(text, REGISTRY, "it")
    [statement] = json.loads(text)["Statement"]
    assert statement == {
        "Sid": "ReplicateFrom",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": f"{HERE}prod-*",
    }


def test_without_grants_there_is_no_policy() -> None:
    assert repository_policy([]) == registry_policy([], PLACE) == ""


# -- and back

_GRANTS = st.one_of(
    st.builds(lambda text: Grant("pull", principal(text)), PULLERS),
    st.builds(lambda text: Grant("push", principal(text)), PRINCIPALS),
)
_REGISTRY_GRANTS = st.builds(
    lambda verb, text, pattern: Grant(verb, principal(text), pattern),
    st.sampled_from(REGISTRY_VERBS),
    PRINCIPALS,
    st.sampled_from(["*", "team/*", "docker-hub/library/*"]),
)


@given(st.lists(_GRANTS, min_size=1, max_size=12))
def test_the_words_of_what_is_rendered(grants: list[Grant]) -> None:
    text = repository_policy(grants)
    assert set(words_of(text, PLACE)) == {f"{one.verb}: {one.words}" for one in grants}
    found = short_form(text, PLACE) or {}
    again = [Grant(verb, principal(one)) for verb, words in found.items() for one in words]
    assert set(again) == set(grants)
    assert words_of(repository_policy(again), PLACE) == words_of(text, PLACE)


@given(st.lists(_REGISTRY_GRANTS, min_size=1, max_size=8))
def test_the_words_of_a_registrys_policy(grants: list[Grant]) -> None:
    text = registry_policy(grants, PLACE)
    words = set(words_of(text, PLACE, REGISTRY_VERBS))
    assert words == {f"{one.verb}: {one.words}" for one in grants}


@given(st.lists(_GRANTS, min_size=1, max_size=6), st.randoms())
def test_neither_order_nor_spelling_nor_sids_are_a_difference(grants: list[Grant], random: Any) -> None:
    document = json.loads(repository_policy(grants))
    statements = []
    for statement in document["Statement"]:
        principals = statement["Principal"]
        if "AWS" in principals and isinstance(principals["AWS"], list):
            for one in principals["AWS"]:  # one statement for each
                number = one.split(":")[4]
                name = number if one.endswith(":root") else one
                statements.append({**statement, "Principal": {"AWS": name}})
        else:
            statements.append(
                {**statement, "Action": [one.upper().replace("ECR:", "ecr:") for one in statement["Action"]]}
            )
    for statement in statements:
        statement.pop("Sid")
        random.shuffle(statement["Action"])
    random.shuffle(statements)
    other = json.dumps({"Version": "2008-10-17", "Id": "x", "Statement": statements})
    assert words_of(other, PLACE) == words_of(repository_policy(grants), PLACE)


def policy(**statement: Any) -> str:
    """A policy of one statement; None leaves a member out."""
    whole = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": PULL, **statement}
    given = {name: value for name, value in whole.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [given]})


FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:*"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (policy(), "pull: 111122223333"),
        (policy(Principal={"AWS": "*"}), "pull: everyone"),
        (
            policy(Principal={"AWS": "AROAEXAMPLE1234567890"}, Action="ecr:PutImage"),
            "allow AROAEXAMPLE1234567890: PutImage",
        ),
        (policy(Action="ecr:describeimages"), "allow 111122223333: DescribeImages"),
        (policy(Effect="Deny", Principal="*", Action=["ecr:*"]), "deny everyone: *"),
        (policy(NotAction="ecr:*", Action=None), "allow 111122223333: everything but *"),
        (
            policy(NotPrincipal={"AWS": ROOT}, Principal=None, Effect="Deny", Action="ecr:PutImage"),
            "deny everyone but 111122223333: PutImage",
        ),
        (
            policy(
                Principal={"Service": "lambda.amazonaws.com", "AWS": ROOT},
                Action="ecr:PutImage",
                Condition={
                    "StringEqualsIfExists": {"aws:SourceVpce": ["vpce-2", "vpce-1"]},
                    "Bool": {"aws:SecureTransport": True},
                },
            ),
            (
                "allow 111122223333, service lambda.amazonaws.com: PutImage; "
                "if Bool aws:SecureTransport is true; "
                "if StringEqualsIfExists aws:SourceVpce is vpce-1 or vpce-2"
            ),
        ),
        # With a region it has no short form.
        (
            policy(
                Principal={"Service": "lambda.amazonaws.com"},
                Action=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                Condition={"StringLike": {"aws:sourceARN": FUNCTION}},
            ),
            (
                "allow service lambda.amazonaws.com: BatchGetImage, GetDownloadUrlForLayer; "
                f"if StringLike aws:sourceARN is {FUNCTION}"
            ),
        ),
    ],
)
def test_what_has_no_short_form_is_a_sentence(text: str, line: str) -> None:
    assert words_of(text, PLACE) == (line,)
    assert (short_form(text, PLACE) is not None) == line.startswith("pull: ")


# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-examples.html, and
# pull-through-cache-iam.html.
@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ({"Action": ["ecr:CreateRepository", "ecr:ReplicateImage"], "Resource": [f"{HERE}*"]},
         "replicate-from: 111122223333"),
        ({"Action": ["ecr:ReplicateImage", "ecr:CreateRepository"], "Resource": f"{HERE}prod-*"},
         "replicate-from: 111122223333 on prod-*"),
        ({"Action": "ecr:ReplicateImage", "Resource": f"{HERE}*"},
         "allow 111122223333: ReplicateImage; on *"),
        (
            {"Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"},
             "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
             "Resource": f"{HERE}ecr-public/*"},
            "pull-through: arn:aws:iam::111122223333:role/ci on ecr-public/*",
        ),
    ],
)  # fmt: skip
def test_examples_for_the_registry(statement: dict[str, Any], line: str) -> None:
    assert words_of(policy(**statement), PLACE, REGISTRY_VERBS) == (line,)


def test_a_registrys_statement_of_another_registry_has_no_short_form() -> None:
    text = policy(Resource="arn:aws:ecr:us-east-1:999999999999:repository/*")
    [line] = words_of(text, PLACE, REGISTRY_VERBS)
    assert line.startswith("allow 111122223333: ") and line.endswith(
        "; on arn:aws:ecr:us-east-1:999999999999:repository/*"
    )
    [line] = words_of(policy(Resource=f"{HERE}team/?"), PLACE, REGISTRY_VERBS)
    assert line.endswith("; on team/?")


def test_a_policy_that_stands_for_a_million_grants_is_one_line() -> None:
    accounts = [f"{number:012}" for number in range(60)]
    condition = {"StringEquals": {"aws:PrincipalOrgID": [f"o-{number:010}" for number in range(60)]}}
    [line] = words_of(policy(Principal={"AWS": accounts}, Condition=condition), PLACE)
    assert line.startswith("allow 000000000000, 000000000001, ")


def test_what_is_not_a_policy_is_an_error() -> None:
    for text in ("", "[]", "{}", '{"Statement": [{}]}'):
        with pytest.raises(PolicyError):
            words_of(text, PLACE)
    assert REPOSITORY_VERBS == ("pull", "push")
