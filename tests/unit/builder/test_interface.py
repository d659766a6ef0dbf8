from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.interface import check_inputs, secret_args
from ecr_push.builder.plan import BuildPlan


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


@pytest.mark.parametrize(
    ("file", "what", "remedy"),
    [
        (
            "Dockerfile",
            "there is no Dockerfile in {context}",
            "name it with --dockerfile {context}/app/Dockerfile",
        ),
        ("prod.df", "there is no Dockerfile prod.df in {context}", "--dockerfile {context}/app/Dockerfile"),
    ],
)
def test_a_dockerfile_that_lies_deeper_is_named(tmp_path: Path, file: str, what: str, remedy: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(BuildError) as caught:
        check_inputs(BuildPlan(tmp_path, tmp_path / file))
    assert caught.value.what == what.format(context=tmp_path)
    assert remedy.format(context=tmp_path) in caught.value.remedy


def test_where_there_is_no_dockerfile_one_is_to_be_added(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        check_inputs(BuildPlan(tmp_path, tmp_path / "Dockerfile"))
    assert caught.value.remedy == "name it with --dockerfile, or add one"
