"""DynamoDB on this machine: moto's server, with a table of locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.dynamodb.models import DynamoDBBackend
from moto.server import ThreadedMotoServer

TABLE = "team-locks"


class LocksServer:
    """One table, as the client of AWS sees it. items are by the repository's URI."""

    def __init__(self, url: str, region: str) -> None:
        self.url = url
        self.api: Any = boto3.client(
            "dynamodb",
            endpoint_url=url,
            region_name=region,
            aws_access_key_id="dummy",
            aws_secret_access_key="dummy",
        )

    def create(self, table: str = TABLE, key: str = "LockID", kind: str = "S") -> None:
        self.api.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def remove_tables(self) -> None:
        for name in self.api.list_tables()["TableNames"]:
            self.api.delete_table(TableName=name)

    def items(self) -> dict[str, dict[str, str]]:
        """What each item holds, without the types of its values."""
        found = self.api.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        plain = [{name: next(iter(value.values())) for name, value in item.items()} for item in found]
        return {item.pop("LockID"): item for item in plain}

    def put(self, repository: str, **attributes: str | int) -> None:
        """An item of someone else."""
        typed = {
            name: {"N": str(value)} if isinstance(value, int) else {"S": value}
            for name, value in attributes.items()
        }
        self.api.put_item(TableName=TABLE, Item={"LockID": {"S": repository}, **typed})

    def remove(self, repository: str) -> None:
        self.api.delete_item(TableName=TABLE, Key={"LockID": {"S": repository}})


@contextmanager
def _one_after_the_other() -> Iterator[None]:
    """moto looks at a condition and then writes: in threads, two writes of one item then both succeed."""
    lock, put, delete = threading.Lock(), DynamoDBBackend.put_item, DynamoDBBackend.delete_item

    def put_item(self: Any, *given: Any, **named: Any) -> Any:
        with lock:
            return put(self, *given, **named)

    def delete_item(self: Any, *given: Any, **named: Any) -> Any:
        with lock:
            return delete(self, *given, **named)

    DynamoDBBackend.put_item, DynamoDBBackend.delete_item = put_item, delete_item
    try:
        yield
    finally:
        DynamoDBBackend.put_item, DynamoDBBackend.delete_item = put, delete


@contextmanager
def locks_server(region: str = "us-east-1") -> Iterator[LocksServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        locks = LocksServer(f"http://{host}:{port}", region)
        try:
            with _one_after_the_other():
                yield locks
        finally:
            locks.remove_tables()  # moto keeps them for as long as the process lives
    finally:
        server.stop()
