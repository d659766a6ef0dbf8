from __future__ import annotations

import pytest

from ecr_push.base.source_name import SourceName

DIGEST = "sha256:" + "0" * 64
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "repository", "kind", "tag", "digest"),
    [
        ("team/app:1.0", "team/app", "", "1.0", ""),
        ("team/app", "team/app", "", "", ""),
        (f"team/app@{DIGEST}", "team/app", "", "", DIGEST),
        (f"{ECR}/team/app:1.0@{DIGEST}", f"{ECR}/team/app", "private", "1.0", DIGEST),
        ("public.ecr.aws/docker/library/node:22", "public.ecr.aws/docker/library/node", "public", "22", ""),
        ("docker.io/alpine:3.20", "docker.io/library/alpine", "other", "3.20", ""),
        ("index.docker.io/library/alpine:3", "docker.io/library/alpine", "other", "3", ""),
        ("docker://registry-1.docker.io/acme/tool:3", "docker.io/acme/tool", "other", "3", ""),
        ("GHCR.io/acme/tool:3", "ghcr.io/acme/tool", "other", "3", ""),
        ("registry.example:5000/app:3", "registry.example:5000/app", "other", "3", ""),
        ("localhost:5000/app:3", "localhost:5000/app", "local", "3", ""),
    ],
)
def test_whose_image_is_meant(text: str, repository: str, kind: str, tag: str, digest: str) -> None:
    found = SourceName.parse(text)
    assert found.repository == repository
    assert (found.registry.kind if found.registry else "") == kind
    assert (str(found.tag or ""), str(found.digest or "")) == (tag, digest)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Team/app:1", "'Team/app' is not a valid repository name"),
        ("team/app:", "expected NAME:TAG"),
        ("team/app@", "expected NAME:TAG"),
        ("team/app@sha256:12", "is not a valid digest"),
        ("team/app:a b", "is not a valid image tag"),
        ("https://ghcr.io/acme/tool:3", "'https:' is not a valid host"),
        ("-x.example/app:1", "is not a valid host"),
    ],
)
def test_what_names_no_image(text: str, words: str) -> None:
    with pytest.raises(ValueError) as raised:
        SourceName.parse(text)
    assert words in str(raised.value)
