from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ecr_push.builder.context_problems import DockerfileNames, context_problems
from ecr_push.builder.plan import BuildPlan


def problem(context: Path | str, dockerfile: Path | str, **more: Any) -> str:
    """The one problem of a build."""
    (found,) = context_problems(BuildPlan(Path(context), Path(dockerfile)), **more)
    return found


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (
            "Dockerfile",
            "there is no Dockerfile in {context}: {use}",
        ),
        (
            "prod.df",
            "--dockerfile {context}/prod.df: no such file; {start}: {use}",
        ),
    ],
)
def test_a_dockerfile_one_level_below_is_suggested(tmp_path: Path, file: str, found: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    start = "relative paths start at the working directory"
    use = f"use --dockerfile {tmp_path}/app/Dockerfile, which is there"
    assert problem(tmp_path, tmp_path / file) == found.format(context=tmp_path, use=use, start=start)


def test_the_dockerfile_of_another_image_is_not_suggested(tmp_path: Path) -> None:
    for name in ("api", "web"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text("FROM scratch\n")
    at = "ecr-push.yml, line 4, images.jobs.dockerfile:"
    others = [f"{tmp_path}/{name}/Dockerfile" for name in ("api", "web")]
    names = DockerfileNames(at, "dockerfile:", frozenset(others))
    found = problem(tmp_path, "jobs.df", names=names)
    assert found.startswith(f"{at} jobs.df: no such file")
    assert found.endswith(": name it with dockerfile, or add one")
    found = problem(tmp_path, "jobs.df", names=DockerfileNames(at, "dockerfile:", frozenset(others[:1])))
    assert found.endswith(f": use dockerfile: {others[1]}, which is there")


def test_without_any_dockerfile_the_user_adds_one(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.dockerignore").write_text("*.md\n")
    found = problem(tmp_path, tmp_path / "Dockerfile")
    assert found == f"there is no Dockerfile in {tmp_path}: name it with --dockerfile, or add one"


def test_where_nothing_was_checked_out_the_remedy_is_the_cis(tmp_path: Path) -> None:
    found = problem(tmp_path, tmp_path / "Dockerfile", absent_checkout="begin with `checkout scm`")
    assert found.endswith(", and no .git: the repository was not checked out here: begin with `checkout scm`")


def test_a_dockerfile_relative_to_the_context_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as `ecr-push run app --dockerfile prod.df`, which means ./prod.df."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "prod.df").write_text("FROM scratch\n")
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    found = problem("app", "prod.df")
    assert found.startswith(
        "--dockerfile prod.df: no such file; relative paths start at the working directory"
    )
    assert found.endswith(": use --dockerfile app/prod.df, which is there")


def test_a_context_that_is_missing(tmp_path: Path) -> None:
    assert problem(tmp_path / "gone", tmp_path / "Dockerfile").startswith("there is no directory ")


def test_what_is_not_built_here_needs_no_dockerfile(tmp_path: Path) -> None:
    for more in ({"image": "app:1"}, {"parts": ("a", "b")}, {"remote": "https://git.example/a.git"}):
        assert not [*context_problems(BuildPlan(tmp_path, tmp_path / "Dockerfile", **more))]  # type: ignore[arg-type]


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
    found = problem(context, dockerfile)
    assert f"by a symlink, {checkout}/{link} -> {target}: " in found
    assert "canary" not in found and found.startswith("cannot read ")


def test_links_within_the_checkout_and_what_the_user_names_elsewhere_are_built_from(checkout: Path) -> None:
    (checkout / "services").mkdir()
    (checkout / "services" / "Dockerfile").symlink_to("../Dockerfile")
    (checkout / "services" / ".dockerignore").symlink_to("../.gitignore")
    (checkout / ".gitignore").write_text("*.md\n")
    for path in ("services/Dockerfile", "../host/Dockerfile", checkout.parent / "host" / "Dockerfile"):
        assert not [*context_problems(BuildPlan(Path("services"), Path(path)))]


def test_a_dockerfile_that_is_a_pipe_or_huge_is_not_waited_for(checkout: Path) -> None:
    os.mkfifo(checkout / "pipe")
    assert "not a regular file" in problem(checkout, checkout / "pipe")
    with (checkout / "huge").open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than 4 MiB" in problem(checkout, checkout / "huge")
