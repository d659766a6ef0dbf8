"""What the context may be: a directory, a repository's address in docker's two forms, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecr_push.builder.bake import definition
from ecr_push.builder.buildx_command import build_command
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.plan import BuildPlan, fingerprint, plan_build
from ecr_push.source.git_context import address_of, read_context, unpinned
from tests.support.sources import source

SHA = "0123456789abcdef0123456789abcdef01234567"
AT = "https://github.com/acme/app.git"


@pytest.mark.parametrize(
    "address",
    [
        f"{AT}#{SHA}",
        f"{AT}#{SHA}:services/web",
        f"{AT}#{SHA + SHA[:24]}",
        f"{AT}?ref={SHA}",
        f"{AT}?ref=main&checksum={SHA}&subdir=services/web",
        f"{AT}?tag=v1&commit={SHA}&keep-git-dir=1&submodules=0&fetch-by-commit=1",
        f"git://127.0.0.1/app.git#{SHA}",
        f"git@github.com:acme/app.git#{SHA}",
        f"ssh://git@github.com/acme/app.git#{SHA}",
        f"github.com/acme/app#{SHA}",
    ],
)
def test_an_address_with_a_commit_is_built_beside_the_checkout(address: str, tmp_path: Path) -> None:
    context = read_context(address)
    assert (str(context), address_of(context)) == (".", address)
    plan = plan_build(BuildOptions(dockerfile="a.Dockerfile"), Path(context), remote=address_of(context))
    command = build_command(plan, tmp_path / "m.json", ())
    assert command[-1] == address and "--file=a.Dockerfile" in command
    default = plan_build(BuildOptions(), Path(context), remote=address)
    assert "--file=Dockerfile" in build_command(default, tmp_path / "m.json", ())
    lines = definition(default, {}, ()).splitlines()
    assert '  dockerfile = "Dockerfile"' in lines
    assert sum(line.startswith("  context = ") and str(Path.cwd()) not in line for line in lines) == 1


@pytest.mark.parametrize(
    ("address", "moves"),
    [
        (AT, True),
        (f"{AT}#main", True),
        (f"{AT}#refs/heads/main", True),
        (f"{AT}#v1.4.2:docker", True),
        (f"{AT}?ref=main&subdir={SHA}", True),
        (f"{AT}?ref=main&checksum=0123456", True),
        (f"{AT}?ref=main&checksum={SHA}", False),
        (f"{AT}#{SHA}:docker", False),
        (f"{AT}?ref={SHA}", False),
    ],
)
def test_an_address_without_a_commit_may_be_another_one_tomorrow(address: str, moves: bool) -> None:
    assert address_of(read_context(address)) == address
    assert ("names no commit" in unpinned(address)) is moves


@pytest.mark.parametrize("text", [".", "services/web", "./https:", "no such folder", "-x"])
def test_anything_else_is_a_directory(text: str) -> None:
    context = read_context(text)
    assert (str(context), address_of(context)) == (text, "")


@pytest.mark.parametrize(
    ("text", "folder"),
    [("{{defaultContext}}", "."), ("{{ defaultContext }}:docker", "docker"), ("{{defaultContext}}:", ".")],
)
def test_the_default_context_of_docker_build_push_action_is_the_checkout(text: str, folder: str) -> None:
    assert (str(read_context(text)), address_of(read_context(text))) == (folder, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-", "- is standard input, expected a directory or a repository's address"),
        (f"{AT}?token=hunter2&ref={SHA}", "there is no query token; expected branch, checksum"),
        (f"https://ann:hunter2@github.com/acme/app.git#{SHA}", "no credentials in an address"),
        (f"https://hunter2@github.com/acme/app.git#{SHA}", "no credentials in an address"),
        (f"https://ann:hunter2/3@github.com/acme/app.git#{SHA}", "no credentials in an address"),
        (f"ssh://git:hunter2@github.com/acme/app.git#{SHA}", "no credentials in an address"),
        ("https://example.com/app.tar.gz", "expected a git repository, whose address ends in .git"),
        ("codecommit::eu-west-1://app", "docker cannot fetch it; clone it"),
    ],
)
def test_what_is_refused_says_why_and_shows_no_token(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as caught:
        read_context(text)
    assert "hunter2" not in str(caught.value)


def test_the_address_decides_on_the_image() -> None:
    made = source()
    plans = [
        BuildPlan(Path(), Path("Dockerfile"), remote=remote)
        for remote in ("", f"{AT}#{SHA}", f"{AT}#{SHA[::-1]}")
    ]
    assert len({fingerprint(plan, made) for plan in plans}) == 3
