"""`ecr-push sandbox --iam` as the AWS CLI and crane meet it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.sandbox.identity import ACCESS_KEY_ID
from ecr_push.sandbox.server import Sandbox, SandboxOptions

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/release"
APP = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app"
NAME = ("--repository-name", "team/app")
READ = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
PUSH = ["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]
PUSH += ["ecr:CompleteLayerUpload", "ecr:PutImage"]


def allow(actions: list[str], resource: str = APP) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """The printed key may log in, read, and assume a role that may push."""
    login = allow(["ecr:GetAuthorizationToken"], "*")
    reader = {"Version": "2012-10-17", "Statement": [login, allow(READ), allow(["sts:AssumeRole"], ROLE)]}
    (tmp_path / "reader.json").write_text(json.dumps(reader))
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}
    setup = {
        "principals": [
            {
                "arn": f"arn:aws:iam::{ACCOUNT}:user/ci",
                "access-key": ACCESS_KEY_ID,
                "policies": ["reader.json"],
            },
            {
                "arn": ROLE,
                "policies": [{"Version": "2012-10-17", "Statement": [login, allow(READ + PUSH)]}],
                "trust": {"Statement": trust},
            },
        ]
    }
    file = tmp_path / "iam.yml"
    file.write_text(json.dumps(setup))
    with Sandbox(SandboxOptions(account=ACCOUNT, iam=file)) as sandbox:
        sandbox.state.repositories.create("private", "team/app")
        yield sandbox


class Shell:
    """Programs that are not ours, with the keys that the sandbox prints."""

    def __init__(self, sandbox: Sandbox, folder: Path, path: str) -> None:
        self.sandbox = sandbox
        docker = folder / "docker"
        docker.mkdir()
        self.environ = {
            **sandbox.environment,
            "PATH": path,
            "HOME": str(folder),
            "DOCKER_CONFIG": str(docker),
        }

    def ask(self, *argv: str) -> tuple[int, str]:
        done = subprocess.run(argv, env=self.environ, capture_output=True, text=True, timeout=300)
        return done.returncode, (done.stdout if done.returncode == 0 else done.stderr).strip()

    def log_in(self) -> None:
        code, password = self.ask("aws", "ecr", "get-login-password")
        assert code == 0, password
        argv = ("crane", "auth", "login", "-u", "AWS", "-p", password, self.sandbox.host)
        assert self.ask(*argv)[0] == 0

    def push(self, tag: str) -> tuple[int, str]:
        image = f"{self.sandbox.host}/team/app:{tag}"
        return self.ask("crane", "append", "--oci-empty-base", "--new_layer", __file__, "--new_tag", image)


def test_a_reader_becomes_a_role_that_pushes(sandbox: Sandbox, tmp_path: Path, client_path: str) -> None:
    shell = Shell(sandbox, tmp_path, client_path)
    assert shell.ask("aws", "ecr", "describe-images", *NAME)[0] == 0
    code, why = shell.ask("aws", "ecr", "delete-repository", *NAME)
    assert code != 0
    assert "An error occurred (AccessDeniedException)" in why
    assert f"User: arn:aws:iam::{ACCOUNT}:user/ci is not authorized to perform: ecr:DeleteRepository" in why
    assert f"on resource: {APP} because no identity-based policy allows the ecr:DeleteRepository" in why

    shell.log_in()
    code, why = shell.push("1")
    assert code != 0
    assert "403" in why or "DENIED" in why
    assert not sandbox.state.images.all("private", "team/app")

    argv = ("aws", "sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "run")
    code, answer = shell.ask(*argv)
    assert code == 0, answer
    keys = json.loads(answer)["Credentials"]
    shell.environ |= {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    shell.log_in()
    code, why = shell.push("1")
    assert code == 0, why
    assert shell.ask("crane", "digest", f"{sandbox.host}/team/app:1")[0] == 0
    used = {one["action"] for one in sandbox.guard.used() if "assumed-role/release/run" in one["principal"]}
    assert used == {"ecr:GetAuthorizationToken", "ecr:BatchGetImage", *PUSH}


def test_a_file_with_mistakes_is_not_served(tmp_path: Path) -> None:
    file = tmp_path / "iam.yml"
    file.write_text("principals: [{arn: ci, policies: [none.json]}]")
    with pytest.raises(SettingsError) as caught, Sandbox(SandboxOptions(iam=file)):
        pass
    assert caught.value.problems == (
        f"{file}: principals[0].arn is 'ci': expected the ARN of a user or a role",
        f"{file}: principals[0].policies names 'none.json': No such file or directory",
    )
