"""What is sent to DynamoDB and how its answers are read; tests/integration/test_lock.py asks a server."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.registry.aws.dynamodb import DynamoTable
from ecr_push.registry.lock_table import Found, LockItem
from tests.support.aws import StubAws, refused

NAME = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/team-locks"
OURS = LockItem("us", "https://ci.example/1", "sha256:1", 1_700_000_000, 1_700_000_300)
STORED = {
    "LockID": {"S": NAME},
    "owner": {"S": "us"},
    "who": {"S": "https://ci.example/1"},
    "image": {"S": "sha256:1"},
    "since": {"N": "1700000000"},
    "expires": {"N": "1700000300"},
}
NOT_HELD = refused("ConditionalCheckFailedException")
DATED = {"ResponseMetadata": {"HTTPHeaders": {"date": "Tue, 14 Nov 2023 22:13:20 GMT"}}}


def table(answers: dict[str, Any], name: str = "team-locks") -> tuple[DynamoTable, StubAws]:
    aws = StubAws(answers)
    return DynamoTable(aws, name), aws


def test_an_item_is_written_where_there_is_none_or_ours() -> None:
    locks, aws = table({"PutItem": {}})
    assert locks.put(NAME, OURS) is True
    ((_, sent),) = aws.log
    assert sent == {
        "TableName": "team-locks",
        "Item": STORED,
        "ConditionExpression": "attribute_not_exists(LockID) OR #owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": "us"}},
    }


def test_an_expired_item_is_replaced_as_it_was_seen_alone() -> None:
    locks, aws = table({"PutItem": NOT_HELD})
    assert locks.put(NAME, OURS, instead_of=LockItem("other", expires=5)) is False
    ((_, sent),) = aws.log
    assert sent["ConditionExpression"].endswith(" OR (#owner = :other AND #expires = :then)")
    assert sent["ExpressionAttributeValues"] | {} == {
        ":owner": {"S": "us"},
        ":other": {"S": "other"},
        ":then": {"N": "5"},
    }


def test_what_is_not_ours_is_neither_renewed_nor_removed() -> None:
    locks, aws = table({"PutItem": NOT_HELD, "DeleteItem": NOT_HELD})
    assert locks.renew(NAME, OURS) is False
    locks.remove(NAME, "us")
    assert [sent["ConditionExpression"] for _, sent in aws.log] == ["#owner = :owner"] * 2


def test_a_check_asks_for_each_permission_and_its_writes_cannot_succeed() -> None:
    locks, aws = table({"GetItem": DATED, "PutItem": NOT_HELD, "DeleteItem": NOT_HELD})
    assert locks.check(NAME, owner="us") == Found(None, 1_700_000_000)
    assert sorted(aws.operations) == ["DeleteItem", "GetItem", "PutItem"]
    for operation, sent in aws.log:
        assert operation == "GetItem" or sent["ConditionExpression"] == "#owner = :owner"


@pytest.mark.parametrize("missing", ["GetItem", "PutItem", "DeleteItem"])
def test_a_permission_that_is_missing_is_found_by_the_check_and_named(missing: str) -> None:
    answers = {"GetItem": DATED, "PutItem": NOT_HELD, "DeleteItem": NOT_HELD}
    del answers[missing]
    with pytest.raises(AuthenticationError) as raised:
        table(answers)[0].check(NAME, owner="us")
    assert f"allow dynamodb:{missing}" in raised.value.remedy


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (STORED, OURS),
        ({"LockID": {"S": NAME}}, LockItem("")),
        (
            {**STORED, "expires": {"S": "soon"}, "since": {"N": "-1.5E7"}},
            LockItem("us", OURS.who, OURS.image),
        ),
        ({**STORED, "who": {"L": []}, "expires": {"NULL": True}}, LockItem("us", "", OURS.image, OURS.since)),
    ],
)
def test_whatever_item_is_there_holds_the_lock(stored: dict[str, Any], read: LockItem) -> None:
    assert table({"GetItem": {"Item": stored}})[0].find(NAME) == Found(read, 0)


def test_a_table_in_another_region_is_named_by_its_arn() -> None:
    locks, aws = table({"GetItem": DATED}, ARN)
    locks.find(NAME)
    assert aws.log[0][1]["TableName"] == ARN
    with pytest.raises(RegistryError, match="in us-east-1"):
        table({"GetItem": refused("ResourceNotFoundException")}, ARN)[0].find(NAME)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("ResourceNotFoundException", "there is no DynamoDB table team-locks in eu-west-1"),
        ("ValidationException", "the DynamoDB table team-locks cannot hold locks"),
    ],
)
def test_a_table_that_is_missing_or_has_other_keys_is_an_error_with_the_command(code: str, what: str) -> None:
    with pytest.raises(RegistryError) as raised:
        table({"GetItem": refused(code), "PutItem": refused(code), "DeleteItem": refused(code)})[0].check(
            NAME, owner="us"
        )
    assert raised.value.what == what
    assert "aws dynamodb create-table --region eu-west-1 --table-name team-locks" in raised.value.remedy
