from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import (
    Digest,
    ImageName,
    Registry,
    Tag,
    check_repository_name,
    not_a_tag_alone,
    parse_repository,
)

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("host", "kind", "account", "region"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "private", "123456789012", "eu-west-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "private", "123456789012", "us-gov-west-1"),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", "private", "123456789012", "eu-west-1"),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "private", "123456789012", "us-east-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "private", "123456789012", "cn-north-1"),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "private", "123456789012", "eusc-de-east-1"),
        ("123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "private", "123456789012", "us-iso-east-1"),
        ("public.ecr.aws", "public", "", "us-east-1"),
        ("ecr-public.aws.com", "public", "", "us-east-1"),
        ("127.0.0.1:5000", "local", "", ""),
        ("localhost:5000", "local", "", ""),
    ],
)
def test_registries(host: str, kind: str, account: str, region: str) -> None:
    assert Registry.parse(host) == Registry(host, kind, account, region)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host",
    [
        "docker.io",
        "12345.dkr.ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com",
        "",
    ],
)
def test_hosts_that_are_not_ecr(host: str) -> None:
    with pytest.raises(ValueError, match=r"is not an Amazon ECR registry"):
        Registry.parse(host)


@pytest.mark.parametrize("name", ["ab", "team/app", "a1/b.c_d-e", "a__b", "a--b", "x" * 256])
def test_names_that_ecr_allows(name: str) -> None:
    assert check_repository_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "a", "App", "a/", "/a", "a//b", "-ab", "a.", "a b", "x" * 257, "a\nb", "ab\n"]
)
def test_names_that_ecr_refuses(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid repository name"):
        check_repository_name(name)


@pytest.mark.parametrize("name", [".a", "-a", "", "a" * 129, "a b", "a/b", "a:b", "ä", "a\n"])
def test_invalid_tags(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid image tag"):
        Tag(name)


HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "tag", "repository"),
    [
        (f"{HOST}/team/app:latest", "latest", f"{HOST}/team/app"),
        (f"{HOST}/app", "", f"{HOST}/app"),
        ("127.0.0.1:5000/app:1.4.2", "1.4.2", "127.0.0.1:5000/app"),
        ("127.0.0.1:5000/app", "", "127.0.0.1:5000/app"),
        ("public.ecr.aws/acme/app:1", "1", "public.ecr.aws/acme/app"),
        ("docker.io/library/app:1", "1", "docker.io/library/app"),
        ("app:latest", "latest", "app"),
        ("team/app:latest@" + DIGEST, "latest", "team/app"),
        ("team/app@" + DIGEST, "", "team/app"),
    ],
)
def test_an_images_whole_name_is_not_a_tag_and_what_was_meant_is_said(
    text: str, tag: str, repository: str
) -> None:
    with pytest.raises(ValueError, match="is not a valid image tag: it is an image's whole name") as caught:
        Tag(text)
    assert str(caught.value).endswith(
        f"{f'its tag is {tag!r}' if tag else 'it has no tag'}, its repository {repository}"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("latest", "feature/login", "release-1.4/login", "12:30", "2024-05-06T07:08:09+02:00", DIGEST),
        *(
            "a b:c",
            "",
            "sha256:0123456789ab",
            "a:b:c",
            "docker.io/library/app",
            "a" * 2_000 + ":b",
            "a-" * 600,
        ),
    ],
)
def test_what_is_not_an_images_whole_name(text: str) -> None:
    assert not_a_tag_alone(text) == ""


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True))
def test_every_tag_of_the_specification_is_one(name: str) -> None:
    assert Tag(name).name == name


@pytest.mark.parametrize("text", ["sha256:abc", "a" * 64, DIGEST.upper(), DIGEST + "0", ""])
def test_invalid_digests(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid digest"):
        Digest(text)


def test_a_repository_writes_references_as_docker_takes_them() -> None:
    repository = parse_repository("public.ecr.aws/alias/app")
    assert repository.tagged(Tag("1.0")) == "public.ecr.aws/alias/app:1.0"
    assert repository.pinned(Digest(DIGEST)) == f"public.ecr.aws/alias/app@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "host", "name", "tag", "digest"),
    [
        ("app/x:1.0", "", "app/x", "1.0", None),
        (f"app/x@{DIGEST}", "", "app/x", None, DIGEST),
        (f"app/x:1.0@{DIGEST}", "", "app/x", "1.0", DIGEST),
        ("127.0.0.1:5000/app:1.0", "127.0.0.1:5000", "app", "1.0", None),
        ("public.ecr.aws/alias/app:1", "public.ecr.aws", "alias/app", "1", None),
    ],
)
def test_images_as_users_name_them(
    text: str, host: str, name: str, tag: str | None, digest: str | None
) -> None:
    found = ImageName.parse(text)
    assert (found.host, found.name) == (host, name)
    assert (found.tag and found.tag.name, found.digest and found.digest.value) == (tag, digest)


@pytest.mark.parametrize("text", ["app", "docker.io/app:1", "app:", "app@sha256:1", "APP:1", ""])
def test_invalid_image_names(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ImageName.parse(text)
