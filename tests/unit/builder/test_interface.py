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
            "use --dockerfile {context}/app/Dockerfile",
        ),
        (
            "prod.df",
            "--dockerfile {context}/prod.df: no such file",
            "relative paths start at the working directory; use --dockerfile {context}/app/Dockerfile",
        ),
    ],
)
def test_a_dockerfile_one_level_below_is_suggested(tmp_path: Path, file: str, what: str, remedy: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(BuildError) as caught:
        check_inputs(BuildPlan(tmp_path, tmp_path / file))
    assert caught.value.what == what.format(context=tmp_path)
    assert caught.value.why == f"found: {tmp_path}/app/Dockerfile"
    assert caught.value.remedy == remedy.format(context=tmp_path)


def test_without_any_dockerfile_the_user_adds_one(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.dockerignore").write_text("*.md\n")
    with pytest.raises(BuildError) as caught:
        check_inputs(BuildPlan(tmp_path, tmp_path / "Dockerfile"))
    assert caught.value.remedy == "name it with --dockerfile, or add one"


def test_a_dockerfile_relative_to_the_context_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as `ecr-push run app --dockerfile prod.df`, which means ./prod.df."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "prod.df").write_text("FROM scratch\n")
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(BuildError) as caught:
        check_inputs(BuildPlan(Path("app"), Path("prod.df")))
    assert caught.value.what == "--dockerfile prod.df: no such file"
    assert (
        caught.value.remedy == "relative paths start at the working directory; use --dockerfile app/prod.df"
    )
