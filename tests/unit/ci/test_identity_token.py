from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.identity_token import identity_token
from tests.support.ci import GITHUB, GITLAB

JOB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://a.example/t?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer"}


def asked(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    return 200, json.dumps({"value": url}).encode()


def found(environ: dict[str, str]) -> str:
    facts = read_facts(environ) if environ else CiFacts()
    return identity_token(facts, environ, asked, lambda seconds: None)


def test_where_the_token_comes_from() -> None:
    assert found({**GITHUB, **JOB}) == "https://a.example/t?v=1&audience=sigstore"
    assert found({**GITHUB, **JOB, "SIGSTORE_ID_TOKEN": "given"}) == "given"
    assert found({**GITLAB, "SIGSTORE_ID_TOKEN": "given"}) == "given"


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({}, "SIGSTORE_ID_TOKEN is not set"),
        (GITLAB, "on GitLab by `id_tokens`"),
        (GITHUB, "permissions: id-token: write"),
    ],
)
def test_what_to_do_without_one(environ: dict[str, str], text: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        found(environ)
    assert text in str(caught.value)
