from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.base.process import echo
from ecr_push.builder.docker_config import with_helper
from ecr_push.builder.docker_environ import for_docker
from ecr_push.builder.user_docker import (
    Credentials,
    Program,
    bare_host,
    read_config,
    read_environment,
    who_knows,
)

HUB = "https://index.docker.io/v1/"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENTRY = {"auth": encoded("ann:pass:word")}
ANN = Credentials("ann", "pass:word")


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"auths": {"ghcr.io": ENTRY}},
        {"credHelpers": {"gcr.io": "gcloud"}, "credsStore": "desktop", "auths": {"ghcr.io": {}}},
        {"credsStore": ""},
    ],
)
def test_the_runs_configuration_names_our_helper_for_every_registry_and_holds_no_credential(
    user: dict[str, Any],
) -> None:
    assert with_helper(user) == {"credsStore": "ecr-push"}


def test_the_rest_of_the_users_configuration_is_kept() -> None:
    rest = {"currentContext": "remote", "proxies": {"default": {}}, "HttpHeaders": {"a": "b"}}
    assert with_helper({**rest, "auths": {"ghcr.io": ENTRY}}).items() >= rest.items()


@pytest.mark.parametrize(
    ("host", "settings", "known"),
    [
        ("ghcr.io", {}, None),
        ("ghcr.io", {"auths": {"quay.io": ENTRY}}, None),
        ("ghcr.io", {"auths": {"ghcr.io": ENTRY}}, ANN),
        # docker's older clients wrote addresses; the exact name comes first.
        ("ghcr.io", {"auths": {"https://ghcr.io/v2/": ENTRY}}, ANN),
        (
            "ghcr.io",
            {"auths": {"http://ghcr.io": {"auth": encoded("bob:x")}, "ghcr.io": ENTRY}},
            ANN,
        ),
        (HUB, {"auths": {HUB: ENTRY}}, ANN),
        (HUB, {"auths": {"docker.io": ENTRY}}, None),  # docker does not find it either
        ("ghcr.io", {"auths": {"ghcr.io": {"username": "ann", "password": "pass:word"}}}, ANN),
        (
            "x.azurecr.io",
            {"auths": {"x.azurecr.io": {**ENTRY, "identitytoken": "refresh"}}},
            Credentials("<token>", "refresh"),
        ),
        ("ghcr.io", {"auths": {"ghcr.io": {}}}, None),
        # A helper for the host, then the store, then the file; "" means the file.
        ("gcr.io", {"credHelpers": {"gcr.io": "gcloud"}, "credsStore": "pass"}, Program("gcloud")),
        ("ghcr.io", {"credHelpers": {"gcr.io": "gcloud"}, "credsStore": "pass"}, Program("pass")),
        ("ghcr.io", {"credsStore": "pass", "auths": {"ghcr.io": ENTRY}}, Program("pass")),
        ("ghcr.io", {"credHelpers": {"ghcr.io": ""}, "credsStore": "pass", "auths": {"ghcr.io": ENTRY}}, ANN),
    ],
)
def test_who_docker_would_ask(host: str, settings: dict[str, Any], known: Credentials | Program) -> None:
    assert who_knows(host, settings, {}) == known


def test_the_environment_comes_before_the_configuration() -> None:
    given = read_environment(json.dumps({"auths": {"ghcr.io": {"auth": encoded("job:x")}}}))
    settings = {"credHelpers": {"ghcr.io": "gh"}, "auths": {"quay.io": ENTRY}}
    assert who_knows("ghcr.io", settings, given) == Credentials("job", "x")
    assert who_knows("quay.io", settings, given) == ANN


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"auths": [1]}', '{"auths": {"a": {}}}', '{"auths": {"a": {"auth": "s3cret-4711"}}}', "5"],
)
def test_a_login_in_the_environment_that_is_not_valid_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="DOCKER_AUTH_CONFIG is not") as raised:
        read_environment(text)
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize("entry", ["text", {"auth": "s3cret"}, {"auth": encoded("no colon")}, {"auth": 5}])
def test_an_entry_that_is_not_valid(entry: Any) -> None:
    with pytest.raises(ValueError, match="entry"):
        who_knows("ghcr.io", {"auths": {"ghcr.io": entry}}, {})


@pytest.mark.parametrize("name", ["../../bin/sh", 5])
def test_a_helpers_name_cannot_be_a_path(name: Any) -> None:
    with pytest.raises(ValueError, match="name of a credential helper"):
        who_knows("ghcr.io", {"credsStore": name}, {})


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://ghcr.io/v1/", "ghcr.io"), ("http://a:5000", "a:5000"), ("a:5000", "a:5000")],
)
def test_bare_hosts(address: str, host: str) -> None:
    assert bare_host(address) == host


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"[]", "not a JSON object"),
        (b'{"auths": []}', "`auths` is not an object"),
        (b'{"credHelpers": "x"}', "`credHelpers` is not an object"),
        (b'{"credsStore": {}}', "`credsStore` is not a text"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_the_users_mistake(
    tmp_path: Path, text: bytes, why: str
) -> None:
    """docker goes on without it: without its context, and so perhaps on another engine."""
    (tmp_path / "config.json").write_bytes(text)
    with pytest.raises(SettingsError, match=why) as raised:
        read_config(tmp_path)
    assert str(tmp_path / "config.json") in str(raised.value)


def test_no_configuration_is_an_empty_one(tmp_path: Path) -> None:
    assert read_config(tmp_path) == {}
    assert read_config(tmp_path / "none") == {}
    (tmp_path / "config.json").write_text('{"auths": null}')
    assert read_config(tmp_path) == {"auths": None}


KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
ENVIRON = {**KEYS, "PATH": "/bin", "AWS_REGION": "eu-west-1", "ECR_PUSH_BUILD_ARG": "A=b", "HTTP_PROXY": "p"}
ENVIRON |= {"COSIGN_PASSWORD": "p", "COSIGN_PRIVATE_KEY": "k"}
LEFT = {"PATH": "/bin", "AWS_REGION": "eu-west-1", "HTTP_PROXY": "p"}


def test_docker_gets_no_credentials_that_it_has_no_use_for(tmp_path: Path) -> None:
    assert for_docker(ENVIRON, tmp_path) == LEFT
    assert for_docker(ENVIRON, tmp_path, "other") == LEFT
    (tmp_path / "config.json").write_text("{")
    assert for_docker(ENVIRON, tmp_path) == LEFT


def test_a_builder_on_kubernetes_gets_the_credentials_for_its_cluster(tmp_path: Path) -> None:
    instances = tmp_path / "buildx" / "instances"
    instances.mkdir(parents=True)
    (instances / "eks").write_text('{"Name": "eks", "Driver": "kubernetes"}')
    (instances / "big").write_text('{"Name": "big", "Driver": "docker-container"}')
    assert for_docker(ENVIRON, tmp_path) == LEFT
    assert for_docker(ENVIRON, tmp_path, "big") == LEFT
    assert for_docker(ENVIRON, tmp_path, "eks") == {**LEFT, **KEYS}
    assert for_docker({**ENVIRON, "BUILDX_BUILDER": "eks"}, tmp_path) == {**LEFT, **KEYS} | {
        "BUILDX_BUILDER": "eks"
    }
    (tmp_path / "buildx" / "current").write_text('{"Key": "x", "Name": "eks"}')
    assert for_docker(ENVIRON, tmp_path) == {**LEFT, **KEYS}


def test_ssh_gets_the_credentials_for_its_tunnel(tmp_path: Path) -> None:
    ssh = {"DOCKER_HOST": "ssh://ec2-user@i-0123"}
    assert for_docker({**ENVIRON, **ssh}, tmp_path) == {**LEFT, **KEYS, **ssh}
    assert for_docker({**ENVIRON, "DOCKER_HOST": "tcp://x"}, tmp_path) == {**LEFT, "DOCKER_HOST": "tcp://x"}
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"far").hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text('{"Name": "far", "Endpoints": {"docker": {"Host": "ssh://far"}}}')
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    assert for_docker(ENVIRON, tmp_path) == {**LEFT, **KEYS}
    assert for_docker({**ENVIRON, "DOCKER_CONTEXT": "default"}, tmp_path) == {
        **LEFT,
        "DOCKER_CONTEXT": "default",
    }


@pytest.mark.parametrize(
    ("argv", "harmless", "shown"),
    [
        (("docker", "login", "--password", "hunter2"), (), "docker … --password …"),
        (("docker", "login", "--username=AWS"), ("login", "AWS"), "docker login --username=AWS"),
        (("docker", "build", "--build-arg=T=hunter2"), ("build",), "docker build --build-arg=…"),
        (("docker", "a b"), ("a b",), "docker 'a b'"),
    ],
)
def test_a_command_is_echoed_by_allow_list(
    argv: tuple[str, ...], harmless: tuple[str, ...], shown: str
) -> None:
    assert echo(argv, harmless=harmless) == shown
