"""Who may come in, and how the registries ask."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox.tokens import Tokens
from tests.support.sandbox.content import ABSENT
from tests.support.sandbox.data_plane import HOST, DataPlane, document, error, refusal


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def private(tmp_path: Path) -> Iterator[DataPlane]:
    plane = DataPlane(tmp_path)
    yield plane
    plane.state.close()


@pytest.fixture
def public(tmp_path: Path) -> Iterator[DataPlane]:
    plane = DataPlane(tmp_path, "public")
    yield plane
    plane.state.close()


def test_a_token_opens_the_private_registry_for_its_life(private: DataPlane) -> None:
    headers = basic("AWS", private.token.password)
    assert private.anonymously("GET", "/v2/", headers=headers).status_code == 200
    private.now += 12 * 60 * 60
    status, code, message = error(private.anonymously("GET", "/v2/", headers=headers))
    assert (status, code) == (403, "DENIED")
    assert "has expired" in message


@pytest.mark.parametrize(
    "path", ["/v2/", "manifests/1", "tags/list", f"blobs/{ABSENT}", "/v2/none/tags/list"]
)
@pytest.mark.parametrize(
    "headers",
    [{}, basic("AWS", "wrong"), bearer("wrong"), {"Authorization": "Basic !"}, {"Authorization": "x"}],
    ids=["none", "wrong", "bearer", "no base64", "no scheme"],
)
def test_without_a_valid_token_the_private_registry_asks_for_one(
    private: DataPlane, path: str, headers: dict[str, str]
) -> None:
    response = private.anonymously("GET", path, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == f'Basic realm="{HOST}/",service="ecr.amazonaws.com"'
    assert response.text == "Not Authorized\n"


def test_the_user_is_aws_and_no_other(private: DataPlane) -> None:
    headers = basic("root", private.token.password)
    assert private.anonymously("GET", "/v2/", headers=headers).status_code == 401


def test_docker_trades_its_login_for_a_bearer_token(public: DataPlane) -> None:
    response = public.anonymously("GET", "/v2/")
    assert refusal(response) == (401, "DENIED")
    challenge = f'Bearer realm="{HOST}/token/",service="public.ecr.aws",scope="aws"'
    assert response.headers["WWW-Authenticate"] == challenge
    # containerd tries OAuth's POST first, and needs a response that rejects it
    assert public.anonymously("POST", "/token/").status_code == 405

    login = basic("AWS", public.token.password)
    path = "/token/?service=public.ecr.aws&scope=repository:sandbox/app:pull,push"
    token = document(public.anonymously("GET", path, headers=login))["token"]
    assert public.anonymously("GET", "/v2/", headers=bearer(token)).status_code == 200
    upload = public.anonymously("POST", "blobs/uploads/", headers=bearer(token))
    assert upload.status_code == 202


def test_anyone_may_pull_from_the_public_registry_and_not_push(public: DataPlane) -> None:
    token = document(public.anonymously("GET", "/token/?service=public.ecr.aws&scope=aws"))["token"]
    assert document(public.anonymously("GET", "tags/list", headers=bearer(token)))["tags"] == []
    response = public.anonymously("POST", "blobs/uploads/", headers=bearer(token))
    assert refusal(response) == (401, "DENIED")
    assert "WWW-Authenticate" in response.headers


def test_the_apis_own_token_is_a_bearer_token(public: DataPlane) -> None:
    assert public.send("POST", "blobs/uploads/").status_code == 202
    headers = {"Authorization": f"Basic {public.token.authorization}"}
    assert refusal(public.anonymously("GET", "/v2/", headers=headers)) == (400, "DENIED")


def test_a_stale_login_breaks_even_anonymous_pulls(public: DataPlane) -> None:
    login = basic("AWS", public.token.password)
    token = document(public.anonymously("GET", "/token/", headers=login))["token"]
    public.now += 12 * 60 * 60
    assert refusal(public.anonymously("GET", "/token/", headers=login)) == (403, "DENIED")
    assert refusal(public.anonymously("GET", "tags/list", headers=bearer(token))) == (400, "DENIED")
    assert refusal(public.send("GET", "tags/list")) == (400, "DENIED")


def test_a_public_repository_is_found_under_its_alias_alone(public: DataPlane) -> None:
    assert document(public.send("GET", "/v2/sandbox/app/tags/list"))["name"] == "sandbox/app"
    for path in ("/v2/app/tags/list", "/v2/other/app/tags/list", "/v2/sandbox/tags/list"):
        assert refusal(public.send("GET", path)) == (404, "NAME_UNKNOWN")


def test_tokens_are_of_one_registry(private: DataPlane, tmp_path: Path) -> None:
    token = private.tokens.issue("123456789012", "public")
    assert private.anonymously("GET", "/v2/", headers=basic("AWS", token.password)).status_code == 401


@pytest.mark.parametrize(
    ("life", "ttl", "after", "standing"),
    [
        (10.0, None, 9.9, "valid"),
        (10.0, None, 10.0, "expired"),
        (10.0, 100.0, 10.0, "valid"),
        (10.0, 0.0, 0.0, "expired"),
    ],
)
def test_how_long_a_token_lives(life: float, ttl: float | None, after: float, standing: str) -> None:
    now = [1_000.0]
    tokens = Tokens(lambda: now[0], life)
    token = tokens.issue("123456789012", "private", ttl)
    assert token.expires_at == 1_000.0 + (life if ttl is None else ttl)
    now[0] += after
    assert tokens.check("AWS", token.password, "private") == standing
