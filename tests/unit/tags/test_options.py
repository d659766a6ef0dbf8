from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("extra_tags", ["latest", "1.4"], ("latest", "1.4")),
        ("tag_rules", "# none\n", ()),
        ("labels", ["a=b", "c="], ("a=b", "c=")),
        ("short_sha_length", "7", 7),
        ("short_sha_length", 64, 64),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("extra_tags", ["a b"], "'a b' is"),
        ("labels", ["no value"], "expected KEY=VALUE"),
        ("labels", ["x={{nope}}"], "there is no expression 'nope' here"),
        ("labels", ["x={{sha"], "{{"),
        ("tag_rules", "type=semvr", "did you mean 'semver'?"),
        ("flavor", "latset=true", "did you mean 'latest'?"),
        ("short_sha_length", "6", "'6' is not a valid length: expected a number from 7 to 64"),
        ("short_sha_length", 65, "expected a number from 7 to 64"),
        ("short_sha_length", "seven", "expected a number from 7 to 64"),
        ("floating_tags", "some", "is not one of all, latest, none"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
