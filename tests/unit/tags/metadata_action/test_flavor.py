"""The flavor's fields, on one line or several, and its mistakes."""

from __future__ import annotations

import re

import pytest

from ecr_push.tags.metadata_action.flavor import Flavor, parse_flavor
from ecr_push.tags.metadata_action.mistakes import RuleMistakes
from ecr_push.tags.metadata_action.template import literal, parse_template

TABLE = [
    ("", Flavor()),
    ("# nothing\n\n", Flavor()),
    ("latest=auto", Flavor()),
    ("latest=true", Flavor("true")),
    ("latest=false", Flavor("false")),
    ("LATEST = true", Flavor("true")),
    ("prefix=sha-", Flavor(prefix=literal("sha-"))),
    ("suffix=-alpine", Flavor(suffix=literal("-alpine"))),
    ("prefix= ", Flavor()),
    ("prefix=dev-,onlatest=true", Flavor(prefix=literal("dev-"), prefix_on_latest=True)),
    ("suffix=-x,onlatest=true", Flavor(suffix=literal("-x"), suffix_on_latest=True)),
    ("suffix=-x,onlatest=false", Flavor(suffix=literal("-x"))),
    (
        "latest=false\nprefix=dev-,onlatest=true\nsuffix=-alpine",
        Flavor("false", literal("dev-"), True, literal("-alpine")),
    ),
    (
        "latest=false,prefix=a,onlatest=true,suffix=b,onlatest=false",
        Flavor("false", literal("a"), True, literal("b")),
    ),
    ("suffix=b,prefix=a,onlatest=true", Flavor("auto", literal("a"), True, literal("b"))),
    ("prefix={{branch}}-", Flavor(prefix=parse_template("{{branch}}-"))),
    (
        "prefix={{date 'YYYY' tz='Asia/Tokyo'}}",
        Flavor(prefix=parse_template("{{date 'YYYY' tz='Asia/Tokyo'}}")),
    ),
    ('"prefix=a,b"', Flavor(prefix=literal("a,b"))),
    ("prefix=v#1\n#comment", Flavor(prefix=literal("v#1"))),
]


@pytest.mark.parametrize(("text", "flavor"), TABLE)
def test_flavor(text: str, flavor: Flavor) -> None:
    assert parse_flavor(text) == flavor


MISTAKES = [
    ("prefix=team/app:", "'team/app:tag' is not a valid image tag: it is an image's whole name"),
    ("randomstr", "randomstr: not a field of the flavor; expected one of latest, prefix, suffix, onlatest"),
    ("latest", "latest: not a field of the flavor"),
    ("latset=true", "did you mean 'latest'?"),
    ("latest=foo", "latest=foo: expected one of auto, true, false"),
    ("latest=True", "did you mean 'true'?"),
    ("prefix=a,onlatest=yes", "onlatest=yes: expected one of true, false"),
    ("onlatest=true", "it must follow prefix= or suffix= on the same line"),
    ("prefix=a\nonlatest=true", "line 3: onlatest=true: it must follow"),
    ("prefix=a,", "not a field of the flavor"),
    ("suffix=a=b", "a tag cannot contain ="),
    ("suffix={{x}}", "there is no expression 'x' here"),
    ("suffix={{x", "it is not closed by }}"),
    ('"prefix=a', 'a quote (") is not closed'),
]


@pytest.mark.parametrize(("text", "why"), MISTAKES)
def test_a_mistake_is_reported_with_its_line(text: str, why: str) -> None:
    with pytest.raises(RuleMistakes, match=re.escape(why)) as caught:
        parse_flavor(f"# first\n{text}")
    assert all(re.match(r"line [23]: ", problem) for problem in caught.value.problems)


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(RuleMistakes) as caught:
        parse_flavor("latest=x\nfoo=1,bar\nsuffix={{a}}{{b}}")
    assert [problem[:6] for problem in caught.value.problems] == [
        "line 1",
        "line 2",
        "line 2",
        "line 3",
        "line 3",
    ]
