from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.addresses import is_remote, public_address, without_passwords


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("ADD https://ann:s3cret@files.example/a.tgz /", "ADD https://files.example/a.tgz /"),
        ("ADD https://s3cret@files.example/a /", "ADD https://files.example/a /"),
        ("fetch git+https://oauth2:s3cret@git.example/o", "fetch git+https://git.example/o"),
        ("index: https://a:s3@cret@pypi.example/simple", "index: https://pypi.example/simple"),
        ("HTTP_PROXY=http://ann:s3cret@proxy:3128", "HTTP_PROXY=http://proxy:3128"),
        ("at tcp://ann:s3cret@10.0.0.1:2375.", "at tcp://10.0.0.1:2375."),
        ("docker-image://alpine:3@sha256:abc", "docker-image://alpine:3@sha256:abc"),
        ("FROM https://files.example/a@b", "FROM https://files.example/a@b"),
        ("see https://a.example, or ann@b.example", "see https://a.example, or ann@b.example"),
        ("[a](https://a.example)(ann@b.example)", "[a](https://a.example)(ann@b.example)"),
        ("ann@b.example", "ann@b.example"),
    ],
)
def test_a_line_of_a_build(line: str, shown: str) -> None:
    assert without_passwords(line) == shown
    assert "s3cret" not in without_passwords(line)


@given(st.dictionaries(st.text(), st.sampled_from(["https://a.example", "x@y", "http://u:p@h/x", ""])))
def test_a_document_stays_what_it_is(document: dict[str, str]) -> None:
    for layout in ({}, {"separators": (",", ":")}):
        found = json.loads(without_passwords(json.dumps(document, **layout)))  # type: ignore[arg-type]
        assert list(found.values()) == [text.replace("u:p@", "") for text in document.values()]


@pytest.mark.parametrize(
    ("context", "remote"),
    [
        *(("https://git.example/o/a.git#main:app", True), ("http://files.example/a.tgz", True)),
        *(("git://git.example/a", True), ("git@git.example:o/a", True), ("ssh://git@git.example/a", True)),
        *(("github.com/o/a", True), (".", False), ("app", False), ("/srv/github.com/o", False), ("-", False)),
    ],
)
def test_what_docker_takes_for_a_remote_context(context: str, remote: bool) -> None:
    assert is_remote(context) == remote


def test_an_address_without_credentials() -> None:
    assert public_address("https://ann:s3cret@git.example/o/a.git?t=s3cret") == "https://git.example/o/a.git"
