from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("extra_tags", ["latest", "1.4"], ("latest", "1.4")),
        ("tag_rules", "# none\n", ()),
        ("labels", ["a=b", "c="], ("a=b", "c=")),
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
        ("floating_tags", "some", "is not one of all, latest, none"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
