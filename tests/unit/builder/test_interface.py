from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.builder.interface import args_without_effect, dockerfile_text
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.secret_args import secret_args, secret_values


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("TOKEN", True),
        ("NPM_TOKEN", True),
        ("npmToken", True),
        ("db-password", True),
        ("API_KEY", True),
        ("SSH_PRIVATE_KEY", True),
        ("GPG_PUBLIC_KEY", False),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("KEYBOARD", False),
        ("TOKENIZER", False),
        ("AUTHOR", False),
        ("VERSION", False),
    ],
)
def test_which_build_arguments_sound_like_a_secret(name: str, warned: bool) -> None:
    plan = BuildPlan(Path(), Path("Dockerfile"), (("COMPANY", "TOKEN"), (name, "hush")))
    assert secret_args(plan) == ((name,) if warned else ())


def test_a_dockerfile_that_cannot_be_read_says_nothing_of_its_arguments(tmp_path: Path) -> None:
    plan = BuildPlan(tmp_path, tmp_path / "Dockerfile", (("A", "1"),))
    options = BuildOptions()
    assert args_without_effect(dockerfile_text(options, tmp_path), plan) == ()
    (tmp_path / "Dockerfile").write_bytes(b"FROM scratch\n# \xff\n")
    text = dockerfile_text(options, tmp_path)
    assert len(args_without_effect(text, plan)) == 1
    assert args_without_effect(text, replace(plan, image="app:1")) == ()
    assert dockerfile_text(replace(options, image="app:1"), tmp_path) == ""


def test_the_log_hides_what_build_arguments_hold_that_sounds_secret() -> None:
    given = (
        *("NPM_TOKEN=abcdefgh", "PASSWORD=short", "VERSION=1.2.3-of-many-letters"),
        *("KEY=-----BEGIN\nline two", "HTTP_PROXY=http://ann:s3cret@proxy:3128"),
    )
    assert secret_values(BuildOptions(build_args=given), ".", {}) == (
        "-----BEGIN",
        "ann:s3cret",
        "abcdefgh",
        "line two",
    )
    assert secret_values(BuildOptions(), ".", {}) == ()
