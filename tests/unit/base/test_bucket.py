"""The names that a bucket can have, as S3 documents them."""

from __future__ import annotations

import pytest

from ecr_push.base.bucket import check_bucket


@pytest.mark.parametrize(
    "name",
    ["abc", "a" * 63, "acme.audit-1", "1.2.3.x", "base--usw2-az1--x-s3", "point-0123abcd-s3alias"],
)
def test_names_that_a_bucket_can_have(name: str) -> None:
    check_bucket(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "it has 0 characters, expected 3 to 63"),
        ("ab", "it has 2 characters, expected 3 to 63"),
        ("a" * 64, "it has 64 characters, expected 3 to 63"),
        ("Acme", "expected lower-case letters"),
        ("acme_audit", "expected lower-case letters"),
        ("-acme", "it begins and ends with a letter or a digit"),
        ("acme.", "it begins and ends with a letter or a digit"),
        ("acme..audit", "it has two dots side by side"),
        ("192.168.5.4", "it has the form of an IP address"),
        ("xn--acme", "AWS reserves names that begin with xn--"),
        ("sthree-acme", "AWS reserves names that begin with sthree-"),
        ("amzn-s3-demo-bucket", "AWS reserves names that begin with amzn-s3-demo-"),
    ],
)
def test_names_that_none_can_have(name: str, said: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a bucket") as error:
        check_bucket(name)
    assert said in str(error.value)
