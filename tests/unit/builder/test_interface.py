from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.interface import args_without_effect, check_inputs, dockerfile_text
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


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which we run, with a file of the host beside it."""
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "Dockerfile").write_text("canary = 1\n")
    root = tmp_path / "checkout"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "config").write_text("canary = 1\n")
    (root / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    ("link", "target", "context", "dockerfile"),
    [
        ("link", "../host/Dockerfile", ".", "link"),
        ("link", "/proc/self/environ", ".", "link"),
        ("link", "../host/there-is-none", ".", "link"),
        ("link", ".git/config", ".", "link"),
        ("link", "../host", ".", "link/Dockerfile"),
        ("link", "../host", "link", "link/Dockerfile"),
        ("link", "../host", "link", "Dockerfile"),
        ("link", "/nowhere", "link", "Dockerfile"),
        (".dockerignore", "../host/Dockerfile", ".", "Dockerfile"),
        ("Dockerfile.dockerignore", "../host/Dockerfile", ".", "Dockerfile"),
    ],
)
def test_nothing_that_is_built_from_may_be_a_link_out_of_the_checkout(
    link: str, target: str, context: str, dockerfile: str, checkout: Path
) -> None:
    (checkout / link).symlink_to(target)
    with pytest.raises(BuildError, match=f"by a symlink, {checkout}/{link} -> {target}") as caught:
        check_inputs(BuildPlan(Path(context), Path(dockerfile)))
    assert "canary" not in str(caught.value)
    assert caught.value.what.startswith("cannot read ") and caught.value.remedy


def test_links_within_the_checkout_and_what_the_user_names_elsewhere_are_built_from(checkout: Path) -> None:
    (checkout / "services").mkdir()
    (checkout / "services" / "Dockerfile").symlink_to("../Dockerfile")
    (checkout / "services" / ".dockerignore").symlink_to("../.gitignore")
    (checkout / ".gitignore").write_text("*.md\n")
    for path in ("services/Dockerfile", "../host/Dockerfile", checkout.parent / "host" / "Dockerfile"):
        check_inputs(BuildPlan(Path("services"), Path(path)))


def test_a_dockerfile_that_is_a_pipe_or_huge_is_not_waited_for(checkout: Path) -> None:
    os.mkfifo(checkout / "pipe")
    with pytest.raises(BuildError, match="not a regular file"):
        check_inputs(BuildPlan(checkout, checkout / "pipe"))
    with (checkout / "huge").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BuildError, match="larger than 4 MiB"):
        check_inputs(BuildPlan(checkout, checkout / "huge"))


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
