"""A table of locks in DynamoDB, by conditional writes.

An answer of DynamoDB that was cut off is noticed by the SDK, which compares its checksum and asks again
(botocore.retries.special.RetryDDBChecksumError); so answers without members are answers here.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.call import call_for_any_answer
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.lock_table import Found, LockItem

KEY = "LockID"  # as Terraform's table of locks has it, so that one table may serve both
# `owner` is a reserved word.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
_OWNER = {"#owner": "owner"}
_OURS = "#owner = :owner"


def region_of(table: str) -> str:
    """The region of a table that is named by its ARN; "" for a name."""
    return table.split(":")[3] if table.startswith("arn:") else ""


class DynamoTable:
    """See `LockTable`. table is a name or an ARN, which TableName takes too (shape TableArn)."""

    def __init__(self, access: Aws, table: str) -> None:
        self._aws = access
        self._table = table

    def check(self, name: str, *, owner: str) -> Found:
        # AWS decides on permissions before it looks at a condition: so a write whose condition cannot hold
        # changes nothing, and is refused where we may not write.
        condition = {"ConditionExpression": _OURS, **_names(owner)}
        item = _item(name, LockItem(owner))
        put = background.start(lambda: self._write("put_item", Item=item, **condition), "may lock")
        delete = background.start(
            lambda: self._write("delete_item", Key=_key(name), **condition), "may unlock"
        )
        found = self.find(name)
        put.result()
        delete.result()
        return found

    def find(self, name: str) -> Found:
        answer = self._call("get_item", Key=_key(name), ConsistentRead=True)
        return Found(_read(answer["Item"]) if answer.get("Item") else None, _time(answer))

    def put(self, name: str, item: LockItem, *, instead_of: LockItem | None = None) -> bool:
        names = _names(item.owner)
        condition = f"attribute_not_exists({KEY}) OR {_OURS}"
        if instead_of is not None:
            condition += " OR (#owner = :other AND #expires = :then)"
            names["ExpressionAttributeNames"]["#expires"] = "expires"
            names["ExpressionAttributeValues"] |= {
                ":other": {"S": instead_of.owner},
                ":then": {"N": str(instead_of.expires)},
            }
        return self._write("put_item", Item=_item(name, item), ConditionExpression=condition, **names)

    def renew(self, name: str, item: LockItem) -> bool:
        return self._write(
            "put_item", Item=_item(name, item), ConditionExpression=_OURS, **_names(item.owner)
        )

    def remove(self, name: str, owner: str) -> None:
        self._write("delete_item", Key=_key(name), ConditionExpression=_OURS, **_names(owner))

    def _write(self, operation: str, **parameters: Any) -> bool:
        """Whether the condition held."""
        try:
            self._call(operation, **parameters)
        except AwsRefusedError as refused:
            if refused.code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        region = region_of(self._table)
        client = self._aws.client("dynamodb", region=region)
        try:
            return call_for_any_answer(client, operation, TableName=self._table, **parameters)
        except AwsRefusedError as refused:
            create = _create_command(self._table, client.meta.region_name)
            if refused.code == "ResourceNotFoundException":
                raise RegistryError(
                    f"there is no DynamoDB table {self._table} in {client.meta.region_name}",
                    why=refused.why,
                    remedy=f"check --lock and the region, or create the table: {create}",
                ) from refused
            if refused.code == "ValidationException":  # the requests differ in their keys alone
                raise RegistryError(
                    f"the DynamoDB table {self._table} cannot hold locks",
                    why=refused.why,
                    remedy=f"its only key must be the partition key {KEY}, a string; create another table: "
                    f"{create}",
                ) from refused
            raise


def _create_command(table: str, region: str) -> str:
    name = table.rpartition("/")[2]
    return (
        f"aws dynamodb create-table --region {region} --table-name {name} "
        f"--attribute-definitions AttributeName={KEY},AttributeType=S "
        f"--key-schema AttributeName={KEY},KeyType=HASH --billing-mode PAY_PER_REQUEST"
    )


def _key(name: str) -> dict[str, Any]:
    return {KEY: {"S": name}}


def _names(owner: str) -> dict[str, Any]:
    return {
        "ExpressionAttributeNames": dict(_OWNER),
        "ExpressionAttributeValues": {":owner": {"S": owner}},
    }


def _item(name: str, item: LockItem) -> dict[str, Any]:
    expires = {} if item.expires is None else {"expires": {"N": str(item.expires)}}
    return {
        **_key(name),
        "owner": {"S": item.owner},
        "who": {"S": item.who},
        "image": {"S": item.image},
        "since": {"N": str(item.since)},
        **expires,
    }


def _read(item: Mapping[str, Any]) -> LockItem:
    """An item of ours, or what a person or another tool put in its place: whatever is odd holds the lock."""
    text = {name: str((value or {}).get("S", "")) for name, value in item.items()}
    return LockItem(
        text.get("owner", ""),
        text.get("who", ""),
        text.get("image", ""),
        _number(item, "since") or 0,
        _number(item, "expires"),
    )


def _number(item: Mapping[str, Any], name: str) -> int | None:
    text = str((item.get(name) or {}).get("N", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _time(answer: Mapping[str, Any]) -> float:
    """The time at which the service answered, by its clock, to the second."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (LookupError, ValueError, TypeError, OverflowError):
        return 0
