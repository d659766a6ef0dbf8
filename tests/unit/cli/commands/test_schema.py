"""`ecr-push schema`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ecr_push.policy.keys import policy_document_schema
from ecr_push.report.document_schema import result_schema
from ecr_push.report.images_schema import images_schema
from ecr_push.report.verdict_schema import verdict_schema
from ecr_push.settings.schema import json_schema
from tests.unit.cli.commands.conftest import Console


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], json_schema),
        (["--policy"], policy_document_schema),
        (["--result"], result_schema),
        (["--images"], images_schema),
        (["--verdict"], verdict_schema),
    ],
)
def test_the_schema_is_printed(
    console: Console, flags: list[str], expected: Callable[[], dict[str, Any]]
) -> None:
    assert console.run("schema", *flags) == 0
    schema = json.loads(console.out)
    Draft202012Validator.check_schema(schema)
    assert schema == expected()
