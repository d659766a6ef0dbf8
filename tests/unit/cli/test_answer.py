import io
import json
from typing import Literal

import pytest

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call
from tests.support.settings import settings

TEXTS = ["::set x", 'a "dummy"']


def printed(output: Literal["text", "json"], several: object = TEXTS) -> str:
    call = Call({}, io.StringIO(), io.StringIO(), clean=lambda text: text.replace('"dummy"', "***"))
    print_answer(lambda: TEXTS, lambda: {"a": several, "b": {"c": several}}, settings(output=output), call)
    assert call.stderr.getvalue() == ""  # type: ignore[attr-defined]
    return call.stdout.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_it_is_what_output_says() -> None:
    assert printed("text") == ": :set x\na ***\n"
    assert json.loads(printed("json")) == {"a": ["::set x", "a ***"], "b": {"c": ["::set x", "a ***"]}}


def test_a_list_of_any_kind_is_cleaned() -> None:
    assert json.loads(printed("json", tuple(TEXTS)))["b"] == {"c": ["::set x", "a ***"]}
    assert json.loads(printed("json", iter(TEXTS)))["a"] == ["::set x", "a ***"]


@pytest.mark.parametrize("output", ["text", "json"])
def test_what_is_not_asked_for_is_not_made(output: Literal["text", "json"]) -> None:
    made: list[str] = []

    def lines() -> list[str]:
        made.append("text")
        return []

    def document() -> dict[str, str]:
        made.append("json")
        return {}

    print_answer(lines, document, settings(output=output), Call({}, io.StringIO(), io.StringIO()))
    assert made == [output]
