from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, ValidationError

from ecr_push.settings.declare import Settings
from ecr_push.settings.types import core_schema_of

TYPES = get_type_hints(Settings, include_extras=True)
VALUES = (
    "", "text", "true", "no", "latest", "high", "team/app", "linux/amd64", "eu-west-1", "123456789012",
    "NAME=value", "critical=0,high=5", "90s", "-1", 5, 1.5, True, None, [], ["linux/amd64"], ["no tag!"], {},
)  # fmt: skip


def judged(validator: SchemaValidator | TypeAdapter[Any], value: Any) -> object:
    try:
        return validator.validate_python(value)
    except ValidationError as error:
        return [(one["type"], one["loc"], one["msg"]) for one in error.errors(include_url=False)]


@pytest.mark.parametrize("name", TYPES)
def test_the_engine_is_told_of_a_type_what_pydantic_reads_off_it(name: str) -> None:
    ours, pydantics = SchemaValidator(core_schema_of(TYPES[name])), TypeAdapter(TYPES[name])  # type: ignore[arg-type]
    for value in VALUES:
        assert judged(ours, value) == judged(pydantics, value), value
