from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.build import secret_args
from ecr_push.plan import BuildPlan


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
