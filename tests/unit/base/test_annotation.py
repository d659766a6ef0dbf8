"""Annotations in docker's form: the levels of each, and what docker itself would refuse, refused before."""

from __future__ import annotations

import pytest

from ecr_push.base.annotation import Annotation, parse_annotation, without_index
from tests.support.settings import problems_of, value

ANY = (("manifest", ""),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", Annotation((), "a", "b")),
        ("a=b:c=d", Annotation((), "a", "b:c=d")),
        ("manifest:a=", Annotation(ANY, "a", "")),
        ("manifest:a:b=c", Annotation(ANY, "a:b", "c")),
        ("manifest,index:a=b", Annotation((*ANY, ("index", "")), "a", "b")),
        (
            "manifest-descriptor[linux/arm/v7],index-descriptor:a=b",
            Annotation((("manifest-descriptor", "linux/arm/v7"), ("index-descriptor", "")), "a", "b"),
        ),
    ],
)
def test_an_annotation_is_read_and_written_as_it_was(text: str, expected: Annotation) -> None:
    assert parse_annotation(text) == expected
    assert str(expected) == text
    assert value("annotations", [text]) == (text,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a", "expected [LEVEL:]KEY=VALUE"),
        ("=b", "expected [LEVEL:]KEY=VALUE"),
        ("manifest:=b", "expected [LEVEL:]KEY=VALUE"),
        ("a b=c", "no space in the key"),
        ("foo:a=b", "'foo' is not a level of annotations: expected one of manifest, index,"),
        ("manifests:a=b", "did you mean 'manifest'?"),
        ("Manifest:a=b", "is not a level"),
        ("manifest[:a=b", "is not a level"),
        ("manifest,:a=b", "is not a level"),
        ("manifest:a={{nope}}", "there is no expression 'nope' here"),
    ],
)
def test_what_docker_does_not_take_is_refused_before_the_build(text: str, why: str) -> None:
    assert why in problems_of("annotations", [text])


@pytest.mark.parametrize(
    ("text", "level", "platform", "expected"),
    [
        ("a=b", "manifest", "linux/amd64", True),
        ("a=b", "index", "", False),
        ("index:a=b", "index", "", True),
        ("manifest[linux/arm64]:a=b", "manifest", "linux/arm64/v8", True),
        ("manifest[linux/arm]:a=b", "manifest", "linux/arm64", False),
    ],
)
def test_where_it_belongs(text: str, level: str, platform: str, expected: bool) -> None:
    assert parse_annotation(text).on(level, platform) is expected


def test_an_image_of_one_platform_has_no_index() -> None:
    given = ("a=1", "manifest,index:b=2", "index:c=3", "manifest-descriptor:d=4", "manifest[linux/arm64]:e=5")
    kept, left_out = without_index(given)
    assert kept == ("a=1", "manifest:b=2", "manifest[linux/arm64]:e=5")
    assert left_out == ("index:b", "index:c", "manifest-descriptor:d")
