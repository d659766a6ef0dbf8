"""Sessions and clients are botocore's own; nothing is asked of AWS."""

from __future__ import annotations

import errno
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError
from ecr_push.registry.aws.session import Access, Aws, Endpoint


def test_a_service_may_have_an_endpoint_of_its_own() -> None:
    endpoint = Endpoint("http://127.0.0.1:1", "key", "secret", {"sqs": "http://127.0.0.1:2"})
    aws = Aws(Access(region="eu-west-1", endpoint=endpoint))
    assert aws.client("sqs").meta.endpoint_url == "http://127.0.0.1:2"
    assert aws.client("inspector2").meta.endpoint_url == "http://127.0.0.1:1"
    assert aws.client("sqs", region="us-east-2").meta.region_name == "us-east-2"


def test_the_credentials_of_a_run_as_variables_for_a_program() -> None:
    secrets: list[str] = []
    endpoint = Endpoint("http://127.0.0.1:1", "key", "secret")
    found = Aws(Access(region="eu-west-1", endpoint=endpoint)).environ(secrets.append)
    assert found == {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": "eu-west-1",
    }
    assert secrets == ["secret"]


KEYS = {"AWS_ACCESS_KEY_ID": "dummy", "AWS_SECRET_ACCESS_KEY": "dummy"}


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("keys")
def test_a_fips_host_leads_to_fips_endpoints() -> None:
    client = Aws(Access(region="us-east-1", fips=True)).client("ecr")
    assert client.meta.endpoint_url == "https://ecr-fips.us-east-1.amazonaws.com"


@pytest.mark.usefixtures("keys")
def test_a_starting_scan_is_not_retried() -> None:
    aws = Aws(Access(region="eu-west-1"))
    assert aws.client("ecr", attempts=1).meta.config.retries["total_max_attempts"] == 1
    assert aws.client("ecr") is aws.client("ecr")
    assert aws.client("ecr").meta.config.retries["total_max_attempts"] > 1


@pytest.mark.usefixtures("keys")
def test_all_clients_have_one_session_one_pool_of_connections_and_one_set_of_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from botocore.credentials import CredentialResolver
    from botocore.session import Session

    made: list[str] = []

    def counted(of: type, name: str) -> None:
        real = getattr(of, name)

        def call(self: object, *values: object, **more: object) -> object:
            made.append(f"{of.__name__}.{name}")
            return real(self, *values, **more)

        monkeypatch.setattr(of, name, call)

    counted(Session, "__init__")
    counted(CredentialResolver, "load_credentials")
    aws = Aws(Access(region="eu-west-1"))
    clients = [aws.client("ecr"), aws.client("ecr", attempts=1), aws.client("inspector2"), aws.client("ecr")]
    assert sorted(made) == ["CredentialResolver.load_credentials", "Session.__init__"]
    assert len({id(one._endpoint.http_session) for one in clients}) == 1
    assert len({id(one) for one in clients}) == 3


@pytest.mark.usefixtures("keys")
def test_a_request_says_that_it_is_ours_and_by_which_sdk() -> None:
    sent: list[str] = []
    client = Aws(Access(region="eu-west-1")).client("ecr")

    def stop(request: Any, **rest: object) -> None:
        sent.append(request.headers["User-Agent"].decode())
        raise InterruptedError

    client.meta.events.register("before-send", stop)
    with pytest.raises(InterruptedError):
        client.describe_repositories()
    assert re.match(r"Botocore/\d.* cfg/retry-mode#standard .*ecr-push$", sent[0])


@pytest.mark.usefixtures("keys")
def test_the_secrets_of_a_role_are_reported_before_their_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.credentials import AssumeRoleCredentialFetcher

    issued = {
        "access_key": "ASIA",
        "secret_key": "dummy secret",
        "token": "dummy token",
        "expiry_time": "2100-01-01T00:00:00Z",
    }
    monkeypatch.setattr(AssumeRoleCredentialFetcher, "fetch_credentials", lambda self: issued)
    seen: list[str] = []
    access = Access(region="eu-west-1", role="arn:aws:iam::123456789012:role/push", on_secret=seen.append)
    signer = Aws(access).client("ecr")._request_signer
    assert seen == []
    assert signer._credentials.get_frozen_credentials().secret_key == "dummy secret"
    assert seen == ["dummy secret", "dummy token"]


# ------------------------------------------------------- a configuration of the user's that cannot work

ROLE = "arn:aws:iam::123456789012:role/push"
HERE = Access(region="eu-west-1")


@pytest.mark.parametrize(
    ("config", "environ", "access", "exit_code", "what", "todo"),
    [
        ("", {}, replace(HERE, profile="nope"), 2, "there is no AWS profile 'nope'", "list-profiles"),
        ("", {}, Access(), 2, "no AWS region is known", "--region"),
        ("", {}, Access(region="eu west"), 2, "'eu west' is not a valid AWS region", "fix --region"),
        (
            "", {"AWS_ACCESS_KEY_ID": "dummy"}, HERE,
            4, "the AWS credentials are incomplete", "AWS_SECRET_ACCESS_KEY",
        ),
        (
            "[default]\naws_access_key_id = dummy", {}, HERE,
            4, "the AWS credentials are incomplete", "aws_secret_access_key",
        ),
        (
            f"[default]\nrole_arn = {ROLE}\nsource_profile = nope", {}, HERE,
            2, "the AWS profile is not valid", "source_profile",
        ),
        (
            f"[default]\nrole_arn = {ROLE}\ncredential_source = Nowhere", {}, HERE,
            2, "the AWS profile is not valid", "credential_source",
        ),
        (
            "[default]\ncredential_process = /nonexistent/process", {}, HERE,
            4, "could not load AWS credentials", "credential_process",
        ),
        ("[default\nregion = x", {}, HERE, 2, "cannot be parsed", "AWS_CONFIG_FILE"),
        (
            "", {**KEYS, "AWS_ENDPOINT_URL": "not a URL"}, HERE,
            2, "the AWS configuration is not valid", "AWS_*",
        ),
        ("", {}, replace(HERE, role=ROLE), 4, "there are no AWS credentials to assume", "--profile"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_work_is_an_error_with_a_remedy(
    config: str, environ: dict[str, str], access: Access, exit_code: int, what: str, todo: str,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """While the session or the client is created: nothing has been asked of AWS."""

    def start(process: object, command: Sequence[str], **rest: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", command[0])

    monkeypatch.setattr(subprocess.Popen, "__init__", start)
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EcrPushError) as caught:
        Aws(access).client("ecr")
    assert what in caught.value.what
    assert todo in caught.value.remedy
    assert caught.value.exit_code == exit_code
