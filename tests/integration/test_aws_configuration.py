"""AWS configurations that cannot work, through the command line: each is the user's to fix, and says how."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.command_line import PROGRAM, TIMEOUT_SECONDS

KEYS = {"AWS_ACCESS_KEY_ID": "dummy", "AWS_SECRET_ACCESS_KEY": "dummy"}
ROLE = "role_arn = arn:aws:iam::123456789012:role/push"
WITH_KEYS = "[profile b]\naws_access_key_id = dummy\naws_secret_access_key = dummy"
TOKEN = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/push"}
AN_ANSWER = '"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","SessionToken":"c"'


@dataclass(frozen=True)
class Case:
    """profile: the lines of the profile that is chosen. files: by the variable that names each."""

    code: int
    what: str
    remedy: str
    profile: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def process(command: str, what: str = "could not load AWS credentials") -> Case:
    return Case(4, what, "credential_process", f"credential_process = {command}")


CASES = {
    "id without secret": Case(
        4, "the AWS credentials are incomplete", "AWS_SECRET_ACCESS_KEY",
        environ={"AWS_ACCESS_KEY_ID": "dummy"},
    ),
    "secret without id": Case(
        4, "there are no AWS credentials", "set AWS_ACCESS_KEY_ID as well",
        environ={"AWS_SECRET_ACCESS_KEY": "dummy"},
    ),
    "profile with an id alone": Case(
        4, "the AWS credentials are incomplete", "aws_secret_access_key", "aws_access_key_id = dummy"
    ),
    "nothing": Case(4, "there are no AWS credentials", "--sandbox"),
    "process that fails": process("/bin/false"),
    "process that is not there": process("/nonexistent/process"),
    "process without JSON": process("/bin/echo signed in"),
    "process without an object": process("/bin/echo []"),
    "process of another version": process("""/bin/echo '{"Version": 2}'"""),
    "process without a key": process("""/bin/echo '{"Version": 1}'"""),
    "process with an odd date": process(f"""/bin/echo '{{{AN_ANSWER},"Expiration":"soon"}}'"""),
    "process with a quote too few": process('/bin/echo "'),
    "process that prints bytes": process("/usr/bin/printf '\\\\377'"),
    "no such profile": Case(
        2, "there is no AWS profile 'none'", "--profile", environ={"AWS_PROFILE": "none"}
    ),
    "no such source_profile": Case(
        2, "the AWS profile is not valid", "source_profile", f"{ROLE}\nsource_profile = none"
    ),
    "role without a source": Case(2, "the AWS profile is not valid", "needs source_profile", ROLE),
    "two sources": Case(
        2,
        "the AWS profile is not valid",
        "credential_source",
        f"{ROLE}\nsource_profile = b\ncredential_source = Environment\n{WITH_KEYS}",
    ),
    "circle of profiles": Case(
        2,
        "the AWS profile is not valid",
        "source_profile",
        f"{ROLE}\nsource_profile = b\n[profile b]\n{ROLE}\nsource_profile = a",
    ),
    "odd role": Case(
        2, "AWS does not take the role", "role_arn", f"role_arn = x\nsource_profile = b\n{WITH_KEYS}"
    ),
    "no such sso-session": Case(
        2,
        "the AWS profile is not valid",
        "~/.aws/config",
        "sso_session = x\nsso_account_id = 123456789012\nsso_role_name = r",
    ),
    "not signed in": Case(
        4,
        "could not load AWS credentials",
        "aws sso login",
        "sso_session = x\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "[sso-session x]\nsso_start_url = https://x.example/start\nsso_region = eu-west-1",
    ),
    "login_session": Case(
        2,
        "lacks what this AWS profile needs",
        "export-credentials",
        "login_session = arn:aws:iam::123456789012:user/kim",
    ),
    "no token file": Case(
        4,
        "could not load AWS credentials",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        environ={**TOKEN, "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token"},
    ),
    "empty token file": Case(
        2, "AWS does not take the role, or the token", "token file", environ=TOKEN,
        files={"AWS_WEB_IDENTITY_TOKEN_FILE": b""},
    ),
    "token file of bytes": Case(
        4, "could not load AWS credentials", "token file", environ=TOKEN,
        files={"AWS_WEB_IDENTITY_TOKEN_FILE": b"\xff\xfe"},
    ),
    "token without a role": Case(
        2, "the AWS profile is not valid", "AWS_ROLE_ARN", files={"AWS_WEB_IDENTITY_TOKEN_FILE": b"token"}
    ),
    "container credentials elsewhere": Case(
        4,
        "could not load AWS credentials",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        environ={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://198.51.100.1/x"},
    ),
    "odd region": Case(
        2, "'eu west 1' is not a valid AWS region", "--region", environ={"AWS_REGION": "eu west 1"}
    ),
    "no region": Case(2, "no AWS region is known", "--region", environ={**KEYS, "AWS_REGION": ""}),
    "odd endpoint": Case(
        2, "the AWS configuration is not valid", "AWS_*", environ={**KEYS, "AWS_ENDPOINT_URL": "not a URL"}
    ),
    "odd mode": Case(
        2, "the AWS configuration is not valid", "AWS_*", environ={**KEYS, "AWS_DEFAULTS_MODE": "x"}
    ),
    "file that is not one": Case(
        2, "cannot be parsed", "AWS_CONFIG_FILE", files={"AWS_CONFIG_FILE": b"hello"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_configuration_that_cannot_work_has_a_remedy(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "config").write_text(f"[profile a]\n{case.profile}\n")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-west-1",
        **({"AWS_PROFILE": "a"} if case.profile else {}),
        **case.environ,
    }
    for variable, content in case.files.items():
        environ[variable] = str(tmp_path / variable)
        (tmp_path / variable).write_bytes(content)
    command = [PROGRAM, "scan", "team/app:1.4.2"]
    ended = subprocess.run(
        command,
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert ended.returncode == case.code, ended.stderr
    what, _, remedy = ended.stderr.partition("To do: ")
    assert case.what in what
    assert case.remedy in remedy
    for word in ("internal error", "Traceback", "the AWS SDK failed"):
        assert word not in ended.stderr
